"""The arguments as they were typed: told apart by kind, and typed again as they may have been meant."""
