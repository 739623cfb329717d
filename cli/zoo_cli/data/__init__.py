"""What `zoo data` does, a command to each module."""
