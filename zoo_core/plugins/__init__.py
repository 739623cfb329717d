"""Plugins: finding, loading and registering them, and attributing errors to them."""
