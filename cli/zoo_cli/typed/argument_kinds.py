"""The kinds of the arguments that were typed: a recipe, the folder of a run, or data."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from attrs import frozen

from zoo_cli.typed.words import find_command

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo

Kind = Literal["recipe", "run", "data"]
EXPECTED_KINDS: dict[str, Kind] = {  # of the arguments of commands, and of the option --data
    "recipe": "recipe",
    "a": "recipe",
    "b": "recipe",
    "run": "run",
    "runs": "run",
    "files": "data",
    "data": "data",
    "source": "data",
}
NOUNS = {"recipe": "a recipe", "run": "the folder of a run", "data": "a file of data"}
EXPECTED_NOUNS = {"recipe": "a recipe", "run": "the folder of a run", "data": "a file of texts"}


@frozen
class WrongArgument:
    """A name or a path, the argument that has it, the kind that is expected there ("" for none), and what it is."""

    value: str
    word: str
    expected: Kind | Literal[""]
    kind: Kind

    def message(self) -> str:
        """What the argument is, and what is expected."""
        if self.kind == "data" and not os.path.lexists(self.value) and not glob.has_magic(self.value):
            return f'"{self.value}" is neither {EXPECTED_NOUNS[self.expected or "data"]} nor an existing file'
        noun = "a folder of data" if self.kind == "data" and Path(self.value).is_dir() else NOUNS[self.kind]
        if not self.expected:
            return f'unexpected argument "{self.value}", which is {noun}'
        return f'"{self.value}" is {noun}, expected {EXPECTED_NOUNS[self.expected]}'

    def file(self) -> str:
        """The file of data that is meant: itself, or the one with the closest name."""
        return self.value if os.path.lexists(self.value) else _closest_file(self.value) or self.value


def find_wrong_arguments(root: click.Group, arguments: Sequence[str], zoo: Zoo) -> Iterator[WrongArgument]:
    """The arguments of another kind than the command expects, or that it does not expect at all."""
    command, rest = find_command(root, arguments)
    values, extra = parse_words(command, rest)
    positional = {parameter.name for parameter in command.params if isinstance(parameter, click.Argument)}
    for name, expected in EXPECTED_KINDS.items():
        if name not in {*positional, "data"}:
            continue  # the option --run names a new folder
        for word in values.get(name, ()):
            for value in _parts(word, expected):
                kind = _kind_of(value, zoo)
                is_unfinished = expected == "run" and Path(value).is_dir()  # which the error of the command explains
                if kind and kind != expected and not is_unfinished and not _is_both(value, kind, zoo):
                    yield WrongArgument(value, word, expected, kind)
    for value in extra:
        if _kind_of(value, zoo) == "data" and takes_data(command):
            yield WrongArgument(value, value, "", "data")


def parse_words(command: click.Command, arguments: Sequence[str]) -> tuple[dict[str, Sequence[str]], list[str]]:
    """The words of a command's parameters as they are written, by name, and the arguments that it does not expect."""
    values, extra, _ = command.make_parser(click.Context(command)).parse_args(list(arguments))
    words = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
    return {name: value for name, value in words.items() if isinstance(value, list | tuple)}, extra


def _parts(word: str, expected: Kind) -> list[str]:
    """The names in an argument: several recipes may be joined by commas."""
    return [word] if expected != "recipe" or Path(word).exists() else word.split(",")


def _kind_of(value: str, zoo: Zoo) -> Kind | None:
    """What a name or a path is; None for nothing that is known."""
    from zoo_core.data.files.parts import split_part
    from zoo_core.filesystem.sealed_files import MANIFEST

    if value in zoo.recipes:
        return "recipe"
    path = Path(value)
    if path.is_dir():
        has_texts = next(path.glob("*/*.txt"), None) is not None
        return "run" if (path / MANIFEST).is_file() else "data" if has_texts else None
    if path.suffix == ".toml":
        return "recipe"
    is_pattern = glob.has_magic(value) and any(glob.iglob(value))  # noqa: PTH207
    is_part = Path(split_part(value)[0]).is_file()
    return "data" if is_part or is_pattern or _closest_file(value) else None


def _is_both(value: str, kind: Kind, zoo: Zoo) -> bool:
    """Whether a recipe's name is that of a file or a folder, too."""
    return kind == "recipe" and value in zoo.recipes and Path(value).exists()


def _closest_file(value: str) -> str:
    """The file of the same folder whose name is similar to that of a file that does not exist; or ""."""
    from zoo_core.filesystem.names import closest_path

    suffix = Path(value).suffix
    return closest_path(value, lambda path: path.suffix == suffix) if suffix else ""


def takes_data(command: click.Command) -> bool:
    """Whether a command has the option --data."""
    return any("--data" in parameter.opts for parameter in command.params)
