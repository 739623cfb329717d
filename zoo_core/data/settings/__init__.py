"""What settings of components name outside of the data."""
