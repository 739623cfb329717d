"""Commands in the advice of an audit: for the files that were checked, read as they were."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from attrs import evolve, frozen

from zoo_core.messages import suggest_command


@frozen
class CheckedFiles:
    """The files that were checked, the options that read them (quoted), and a recipe for texts with labels.

    Without files, as for standard input, no command can be typed, and advice is in words alone.
    """

    files: Sequence[str] = ()
    options: str = ""
    recipe: str = ""
    label_sets_recipe: str = ""  # a recipe for texts with several labels
    is_default: bool = True  # whether commands that train use this recipe without its name

    def train(self, *options: str) -> str:
        """The command that trains the recipe on these files; "" if it cannot be typed."""
        return self._on_data(suggest_command("zoo train", self.recipe), options)

    def train_label_sets(self, columns: Sequence[str] = ()) -> str:
        """The command that trains a recipe for several labels on these files; "" if it cannot be typed.

        `columns` are those of labels if there are several; an option names the first of them already, or none does.
        """
        options = [suggest_command("--label", name) for name in columns]
        is_named = all(options) and " ".join(options[:1]) in self.options
        return evolve(self, recipe=self.label_sets_recipe).train(*options[is_named:])

    def swap(self, *words: str) -> str:
        """The command that cross-validates the recipe on these files, with these slots and options; "" if none."""
        return self._on_data(suggest_command("zoo swap", self.recipe), ("--folds 5", *words))

    def suspects(self) -> str:
        """The command that lists the rows of the only file whose label is likely wrong; "" if it cannot be typed."""
        recipe = [] if self.is_default else [self.recipe]
        words: list[str | PurePath] = [*map(PurePath, self.files), *recipe]
        command = suggest_command("zoo data suspects", *words) if len(self.files) == 1 and all(recipe) else ""
        return " ".join(filter(None, [command, self.options])) if command else ""

    def _on_data(self, command: str, more: Sequence[str]) -> str:
        """The command with these words, the files and the options that read them."""
        named = [suggest_command("--data", PurePath(file)) for file in self.files]
        is_complete = self.files and self.recipe and command and all([*more, *named])
        return " ".join(filter(None, [command, *more, *named, self.options])) if is_complete else ""
