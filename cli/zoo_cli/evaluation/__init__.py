"""What `zoo evaluate` does besides computing metrics."""
