"""Tells in which language somebody wrote."""
