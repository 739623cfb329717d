"""The names of the panels in a run report. Light, so that the command line can list them without torch."""

PANELS = ("curves", "confusion", "reliability", "roc", "pr", "words")
SPLIT_PANELS = ("confusion", "reliability", "roc", "pr")  # panels that need a scored split
