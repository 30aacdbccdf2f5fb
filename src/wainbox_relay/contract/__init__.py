"""The published language of Wainbox: what terminals read, ask for and hear."""
