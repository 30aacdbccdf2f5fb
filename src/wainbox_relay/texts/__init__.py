"""What Wainbox says and understands by itself, in each language."""
