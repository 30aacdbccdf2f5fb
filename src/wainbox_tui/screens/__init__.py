"""What fills the terminal: panes put together."""
