"""A part of a file, named as in `tickets.db::messages`: a table of a database, a sheet, a split."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, cast

from attrs import evolve

from zoo_core.components.contracts import Reader
from zoo_core.errors import DataError, Problem
from zoo_core.messages import join_names, suggest

SEPARATOR = "::"


class PartError(DataError):
    """A part is missing or unknown; `parts` are the ones there are, and `kind` is what they are."""

    def __init__(self, message: str, parts: Sequence[str], kind: str) -> None:
        super().__init__(message)
        self.parts, self.kind = tuple(parts), kind

    def in_file(self, name: str) -> DataError:
        """The error with the name of the file, its parts, and the command that reads one of them."""
        path, part = split_part(name)
        if not self.parts:
            return DataError(self.problems[0].message, where=path)
        suggestion = suggest(part, self.parts) if part else None
        right = f"{path}{SEPARATOR}{suggestion.match if suggestion else self.parts[0]}"
        message = f"{self.problems[0].message}: the {self.kind}s are {join_names(self.parts)}"
        return DataError(Problem(message, path, changes=((("data", right),),)))


def split_part(name: str) -> tuple[str, str]:
    """The name of a file and that of a part of it, "" for all of it. A file whose own name has `::` is a file.

    >>> split_part("tickets.db::messages"), split_part("reviews.csv")
    (('tickets.db', 'messages'), ('reviews.csv', ''))
    """
    if SEPARATOR not in name or os.path.lexists(name):
        return name, ""
    pieces = name.split(SEPARATOR)
    paths = [SEPARATOR.join(pieces[:end]) for end in range(1, len(pieces))]
    path = next((path for path in paths if os.path.lexists(path)), paths[0])
    return path, name[len(path) + len(SEPARATOR) :]


def with_part(reader: Reader, name: str) -> Reader:
    """The reader with the setting for the part that a name has. Raises DataError if it reads whole files only."""
    path, part = split_part(name)
    if not part:
        return reader
    if not reader.part_setting:
        message = f'reader "{reader.name}" reads whole files, so "{SEPARATOR}{part}" names nothing'
        raise DataError(Problem(message, path, changes=((("data", path),),)))
    return cast(Reader, evolve(cast(Any, reader), **{reader.part_setting: part}))
