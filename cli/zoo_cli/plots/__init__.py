"""Charts of characters for the terminal. Figures are in `zoo_core.plots`."""
