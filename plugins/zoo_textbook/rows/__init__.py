"""What decides about rows: splitters, samplers and augmenters."""
