"""Models of sequences. Their torch modules are in `modules`, which `build` imports."""
