"""What the terminal is made of: widgets that draw plain values row by row and post messages."""
