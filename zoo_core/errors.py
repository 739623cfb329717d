"""What can go wrong, and the exit code each kind of wrong has.

    ZooError                 1   a check that failed
    ├── RecipeError          2   a recipe, a setting, a name or the usage is wrong
    ├── DataError            3   the data is missing, malformed or does not suit the task
    ├── RunFolderError       4   a run folder is unsafe or corrupt
    ├── PluginError          5   a plugin that is needed was set aside, or a part is not what a lock says
    ├── NumericalError       6   a loss or a weight is not a finite number
    └── InputOutputError     7   the system refused to read or write

A command that is stopped from the keyboard (SIGINT) exits with 130, one stopped by SIGTERM (`Terminated`) with 143.

An error holds every problem found, so that all of them are shown at once.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from attrs import field, frozen

from zoo_core.messages import escape_control_chars

MAX_MESSAGE_CHARS = 1000  # characters of a problem that are shown, lest a value given fill the screen


@frozen
class Problem:
    """One thing that is wrong: what it is, its place (`file:line`, or ""), and how to correct it.

    `setting` is the dotted key of the setting that is wrong, or "". A component's `check` gives the plain name of one
    of its own settings; the key of the component is put before it. `code` tells problems apart for other code, so that
    no code reads messages.
    """

    message: str
    where: str = ""
    hint: str = ""
    setting: str = field(default="", kw_only=True)
    code: Literal["", "unknown-setting", "between-settings"] = field(default="", kw_only=True)

    @property
    def text(self) -> str:
        """The message with the setting before it, without place and hint."""
        return f"{self.setting}: {self.message}" if self.setting else self.message

    def __str__(self) -> str:
        text = f"{self.where}: {self.text}" if self.where else self.text
        text = text if len(text) <= MAX_MESSAGE_CHARS else f"{text[:MAX_MESSAGE_CHARS]} …"
        return escape_control_chars(f"{text} (hint: {self.hint})" if self.hint else text)


class ZooError(Exception):
    """The root of every error a user is meant to see.

    >>> str(DataError("no rows", where="reviews.csv:1", hint="the file holds only a header"))
    'reviews.csv:1: no rows (hint: the file holds only a header)'
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem | str, where: str = "", hint: str = "") -> None:
        self.problems = tuple(
            Problem(problem, where, hint) if isinstance(problem, str) else problem for problem in problems
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RecipeError(ZooError):
    """A recipe, a setting, a component's name or the way a command was called is wrong."""

    exit_code = 2


class DataError(ZooError):
    """The data is missing, malformed, or does not suit the task."""

    exit_code = 3


class RunFolderError(ZooError):
    """A run folder is incomplete, was changed, or could do harm."""

    exit_code = 4


class PluginError(ZooError):
    """A plugin that is needed could not be used."""

    exit_code = 5


class NumericalError(ZooError):
    """A loss or a weight became NaN or infinite."""

    exit_code = 6


class InputOutputError(ZooError):
    """The operating system refused to read or to write."""

    exit_code = 7


class Terminated(KeyboardInterrupt):
    """SIGTERM, handled as an interrupt from the keyboard is."""
