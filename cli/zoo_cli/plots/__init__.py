"""Draw plots, as images with matplotlib or as characters in the terminal. The data comes from `zoo_core`."""
