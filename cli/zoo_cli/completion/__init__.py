"""Shell completion: fast, without torch, and without any output or error of its own."""
