"""Rows split as the splitter of a recipe says: its columns, its splits and folds, and the order of time."""
