"""The terminal: shows agents the desk and sends what they ask; knows the relay by its contract."""
