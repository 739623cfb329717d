"""What a component is: the kinds, their contracts, and the values that contracts use."""
