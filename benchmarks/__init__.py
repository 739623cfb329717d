"""Speed and accuracy beside the peers: `python -m benchmarks.NAME`; never part of the tests."""
