"""The stories: what follows when something happens, read top to bottom."""
