"""How pictures are drawn, into files or in characters. What is drawn comes from the core."""
