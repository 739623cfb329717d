"""Many small data sets, and the zoo's recipes and two peers on them."""
