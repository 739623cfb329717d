"""Reading TOML that people write: bounded, strict, and with the line of every key."""

from __future__ import annotations

import bisect
import codecs
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from tomlkit import items
from tomlkit.container import Container, OutOfOrderTableProxy
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.parser import Parser

from zoo_core.errors import InputOutputError, Problem, RecipeError, ZooError

MAX_BYTES = 256 * 1024  # bytes
MAX_DEPTH = 32  # levels of tables and lists
MAX_ITEMS = 4096  # keys, and items of lists
HUGE = re.compile(r"[0-9](_?[0-9]){999}")  # in a row, more than Python makes a number of
KeyPath = tuple[str, ...]


@frozen
class Document:
    """The values of a TOML file, and `file:line` for each key path; `title` is what it is called as a layer."""

    values: dict[str, Any]
    locations: Mapping[KeyPath, str]
    title: str = ""


class _Placing(Parser):
    """tomlkit's parser, noting on which line each key and table begins."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.newlines = [at for at, character in enumerate(text) if character == "\n"]
        self.lines: dict[int, int] = {}
        self.kept: list[items.Item] = []  # so that no id is used twice

    def _note(self, item: items.Item, at: int) -> None:
        self.kept.append(item)
        self.lines.setdefault(id(item), bisect.bisect_left(self.newlines, at) + 1)

    def _parse_key_value(self, parse_comment: bool = False) -> tuple[items.Key, items.Item]:
        at = self._idx
        key, value = super()._parse_key_value(parse_comment)
        self._note(value, at)
        return key, value

    def _parse_table(
        self, parent_name: items.Key | None = None, parent: items.Table | None = None
    ) -> tuple[items.Key, items.Table | items.AoT]:
        at = self._idx
        key, table = super()._parse_table(parent_name, parent)
        self._note(table, at)
        inner: Any = table
        while isinstance(inner, items.Table) and inner.is_super_table() and inner.value.body:
            inner = inner.value.body[0][1]  # [a.b.c] is three tables on one line
            self._note(inner, at)
        return key, table


def read_toml(path: Path, *, missing: type[ZooError] = RecipeError) -> Document:
    """The document in a file; RecipeError with the line where it is no TOML."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise missing(f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise InputOutputError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        line = data.partition(b"\0")[0].count(b"\n") + 1
        raise RecipeError("UTF-16 or no text at all", where=f"{path}:{line}", hint="save it as UTF-8")
    try:
        return parse_toml(data.decode("utf-8-sig"), str(path), size=len(data))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RecipeError("not UTF-8", where=f"{path}:{line}") from None


def parse_toml(text: str, name: str, *, size: int = 0) -> Document:
    """The document in a string that came from the file `name`."""
    if max(size, len(text)) > MAX_BYTES:
        raise RecipeError(f"larger than {MAX_BYTES // 1024} KiB", where=name)
    text = text.replace("\r\n", "\n")
    check_depth(text, name)
    try:
        values = tomllib.loads(text)
        if _counted(values) > MAX_ITEMS:
            raise RecipeError(f"more than {MAX_ITEMS} keys and items", where=name)
        parser = _Placing(text)
        document = parser.parse()
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(_told(str(error), name, text)) from None
    except (ParseError, TOMLKitError) as error:
        raise RecipeError(Problem(str(error), name)) from None
    except (RecursionError, ValueError) as error:
        huge = HUGE.search(text)
        if huge is None:
            raise RecipeError(Problem(f"cannot be read as TOML: {error}", name)) from None
        line = text.count("\n", 0, huge.start()) + 1
        raise RecipeError("not TOML: a number of thousands of digits", where=f"{name}:{line}") from None
    places: dict[KeyPath, str] = {}
    _collect(document, (), parser.lines, places, name)
    return Document(values, places)


def _counted(value: Any) -> int:
    """The keys and items below a value; the depth is bounded already."""
    below = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return len(below) + sum(map(_counted, below))


def _told(message: str, name: str, text: str) -> Problem:
    what, _, place = message.partition(" (at ")
    line = place.partition("line ")[2].partition(",")[0] or str(text.rstrip().count("\n") + 1)  # the document's end
    return Problem(f"not TOML: {what}", f"{name}:{line}")


def _collect(node: Any, path: KeyPath, lines: Mapping[int, int], places: dict[KeyPath, str], name: str) -> str:
    """Note the line of every key below a node; a table without a line of its own takes its first key's.

    Returns the place of the first key below.
    """
    began = ""
    if isinstance(node, items.Table | items.InlineTable):
        node = node.value
    if isinstance(node, OutOfOrderTableProxy):
        for table in node._tables:
            place = _collect(table, path, lines, places, name)
            began = began or place
    if not isinstance(node, Container):
        return began
    for key, item in node.body:
        if key is None:
            continue
        below = (*path, *(part.key for part in key))
        line = lines.get(id(item))
        if line is not None:
            for length in range(len(path) + 1, len(below) + 1):
                places.setdefault(below[:length], f"{name}:{line}")
        first = _collect(item, below, lines, places, name)
        if first:
            places.setdefault(below, first)
        began = began or places.get(below, "")
    return began


def check_depth(text: str, name: str) -> None:
    """Refuse nesting so deep that a parser would recurse without end; dotted keys count as levels."""
    depth, string, at = 0, "", 0
    line, dots = 1, 0
    while at < len(text):
        character = text[at]
        if string:
            if character == "\\" and string[0] == '"':
                at += 1
            elif text.startswith(string, at):
                at += len(string) - 1
                string = ""
        elif character in "\"'":
            string = character * 3 if text.startswith(character * 3, at) else character
            at += len(string) - 1
        elif character == "#":
            at = text.find("\n", at)
            if at < 0:
                break
            continue
        else:
            depth += (character in "[{") - (character in "]}")
            dots = 0 if character in "\n=," else dots + (character == ".")
            if depth + dots > MAX_DEPTH:
                raise RecipeError(f"more than {MAX_DEPTH} levels deep", where=f"{name}:{line}")
        if at < len(text) and text[at] == "\n":
            line += 1
            string = "" if len(string) == 1 else string
            depth = max(depth, 0)
        at += 1
