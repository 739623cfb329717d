"""The commands of `zoo data`."""
