"""Figures of activations, losses and runs, drawn with matplotlib from points that `evaluation` and `runs` compute."""
