"""The commands of `zoo recipe`."""
