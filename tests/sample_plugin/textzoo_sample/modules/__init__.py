"""Code that needs torch: imported only when a component is built, and usable without textzoo."""
