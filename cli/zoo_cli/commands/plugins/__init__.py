"""The commands of `zoo plugins`."""
