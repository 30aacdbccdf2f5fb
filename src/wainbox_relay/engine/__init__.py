"""The loops that carry facts to the rules and wishes to the world."""
