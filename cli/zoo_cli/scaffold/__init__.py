"""What `zoo plugins new` makes, as templates, and the program that fills them in."""
