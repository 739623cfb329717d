"""What needs torch: imported only when a part is built, and usable alone."""
