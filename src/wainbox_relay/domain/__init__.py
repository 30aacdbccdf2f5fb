"""What Wainbox decides, as plain functions: no clock, no I/O, no waiting."""
