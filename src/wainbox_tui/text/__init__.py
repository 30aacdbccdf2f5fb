"""Text in cells: what fits, how it wraps, and how Arabic stands in it."""
