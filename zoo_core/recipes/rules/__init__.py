"""Rules that find the conflicts between the components of a plan."""
