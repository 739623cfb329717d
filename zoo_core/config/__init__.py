"""Settings in TOML: reading, merging and structuring them, and opening the zoo."""
