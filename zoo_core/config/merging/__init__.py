"""Parts of merging the layers of a recipe."""
