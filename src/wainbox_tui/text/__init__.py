"""Foreign text made fit for cells: cut, wrapped, and Arabic drawn the way it is read."""
