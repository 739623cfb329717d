"""Programs that write the generated pages of the reference; `docs/generate.py` calls them."""
