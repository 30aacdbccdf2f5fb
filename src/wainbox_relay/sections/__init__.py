"""The sections of the configuration, a module for each theme."""
