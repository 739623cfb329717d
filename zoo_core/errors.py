"""The errors that users see, each with its exit code.

    ZooError                 1   a check that failed
    ├── RecipeError          2   a recipe, a setting, a name or the usage is invalid
    ├── DataError            3   the data is missing, malformed or does not fit the task
    ├── RunFolderError       4   a run folder is corrupt or unsafe
    ├── PluginError          5   a required plugin is unavailable, or a component differs from a lock
    ├── NumericalError       6   a loss or a weight is not finite
    └── InputOutputError     7   the operating system cannot read or write a file

A command that is stopped from the keyboard (SIGINT) exits with 130, one stopped by SIGTERM or SIGHUP
(`Terminated`) with 143.

An error holds all problems that were found, so that they are reported together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal, Self

from attrs import evolve, field, frozen

from zoo_core.messages import join_hints, message_line, shorten

__all__ = [
    "DataError",
    "InputOutputError",
    "NumericalError",
    "PluginError",
    "Problem",
    "RecipeError",
    "RunFolderError",
    "ZooError",
]
MAX_MESSAGE_CHARS = 1000  # of a problem, so that a long value does not fill the screen
MAX_PLACE_CHARS = 400  # of its place, and of its hint
Change = tuple[tuple[str, str], ...]  # settings by dotted key, with their new values


@frozen
class Problem:
    """One thing that is wrong: what it is, its place (`file:line`, or ""), and how to correct it.

    `setting` is the dotted key of the setting that is wrong, or "". A component's `check` gives the plain name of one
    of its own settings; the key of the component is put before it. `row` is the number (from 0) of the text that is
    wrong, among those that were given; a caller that knows its place replaces it (`ZooError.at_rows`). `code`
    distinguishes problems for code, so that no code reads messages. `changes` are the settings that would correct it,
    the likeliest first; the key "data" is for the name of the file. Without a hint, they are the hint.
    """

    message: str
    where: str = ""
    hint: str = ""
    setting: str = field(default="", kw_only=True)
    row: int | None = field(default=None, kw_only=True)
    code: Literal["", "unknown-setting", "unknown-class", "between-settings", "balanced-twice", "weights-undone"] = (
        field(default="", kw_only=True)
    )
    changes: tuple[Change, ...] = field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.changes and not self.hint:
            object.__setattr__(self, "hint", join_hints(*map(_describe_change, self.changes)))

    @property
    def text(self) -> str:
        """The message with the setting before it, without place and hint."""
        return f"{self.setting}: {self.message}" if self.setting else self.message

    def __str__(self) -> str:
        text = self.text
        place = self.where or ("" if self.row is None else f"row {self.row + 1}")
        text = text if len(text) <= MAX_MESSAGE_CHARS else f"{text[:MAX_MESSAGE_CHARS]} …"
        text = f"{shorten(place, MAX_PLACE_CHARS)}: {text}" if place else text
        return message_line(f"{text} (hint: {shorten(self.hint, MAX_PLACE_CHARS)})" if self.hint else text)


def _describe_change(change: Change) -> str:
    """What a caller in Python is told to change.

    >>> _describe_change((("reader.header", "false"), ("task.text", "2")))
    'set reader.header to false and task.text to "2"'
    """
    values = [value if value in ("true", "false") else f'"{value}"' for _, value in change]
    return f"set {' and '.join(f'{key} to {value}' for (key, _), value in zip(change, values, strict=True))}"


class ZooError(Exception):
    """The base class of all errors that users see.

    >>> str(DataError("no rows", where="reviews.csv:1", hint="the file has only a header"))
    'reviews.csv:1: no rows (hint: the file has only a header)'
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem | str, where: str = "", hint: str = "") -> None:
        self.problems = tuple(
            Problem(problem, where, hint) if isinstance(problem, str) else problem for problem in problems
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def at_rows(self, locate: Callable[[int], str | int]) -> Self:
        """The same error with the place of each row: `locate` gives it, or the row's number among more rows."""
        return type(self)(*(_at_row(problem, locate) for problem in self.problems))


def _at_row(problem: Problem, locate: Callable[[int], str | int]) -> Problem:
    if problem.row is None:
        return problem
    place = locate(problem.row)
    return evolve(problem, row=place) if isinstance(place, int) else evolve(problem, row=None, where=place)


class RecipeError(ZooError):
    """A recipe, a setting, the name of a component or the usage of a command is invalid."""

    exit_code = 2


class DataError(ZooError):
    """The data is missing, malformed, or does not fit the task."""

    exit_code = 3


class RunFolderError(ZooError):
    """A run folder is incomplete, changed or unsafe."""

    exit_code = 4


class PluginError(ZooError):
    """A required plugin cannot be used."""

    exit_code = 5


class NumericalError(ZooError):
    """A loss or a weight became NaN or infinite."""

    exit_code = 6


class InputOutputError(ZooError):
    """The operating system cannot read or write a file."""

    exit_code = 7


class Terminated(KeyboardInterrupt):
    """SIGTERM, or SIGHUP of a closed terminal, handled as an interrupt from the keyboard is."""
