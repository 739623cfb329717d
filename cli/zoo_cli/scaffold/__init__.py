"""`zoo plugins new`: the templates of a plugin's project and the code that renders them."""
