"""Reading TOML with bounds, and with the line of every key; editing it with everything else kept."""

from __future__ import annotations

import bisect
import codecs
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from attrs import frozen
from tomlkit import TOMLDocument, items
from tomlkit.container import Container, OutOfOrderTableProxy
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.parser import Parser

from zoo_core.errors import InputOutputError, Problem, RecipeError, ZooError
from zoo_core.filesystem.reading import read_bounded

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32  # levels of tables and lists
MAX_ITEMS = 4096  # keys, and items of lists
BOM = "\ufeff"
LONE_LINE_FEED = re.compile(r"(?<!\r)\n")
HUGE_NUMBER = re.compile(r"[0-9](_?[0-9]){999}")  # Python limits the digits of a number
KeyPath = tuple[str, ...]


@frozen
class Document:
    """The values of a TOML file, and `file:line` for each key path; `title` is its name as a layer."""

    values: dict[str, Any]
    locations: Mapping[KeyPath, str]
    title: str = ""


class _LineParser(Parser):
    """The parser of tomlkit, recording the line on which each key and table starts."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.newlines = [at for at, character in enumerate(text) if character == "\n"]
        self.lines: dict[int, int] = {}
        self.alive: list[items.Item] = []  # so that no id is reused

    def _record(self, item: items.Item, at: int) -> None:
        self.alive.append(item)
        self.lines.setdefault(id(item), bisect.bisect_left(self.newlines, at) + 1)

    def _parse_key_value(self, parse_comment: bool = False) -> tuple[items.Key, items.Item]:
        at = self._idx
        key, value = super()._parse_key_value(parse_comment)
        self._record(value, at)
        return key, value

    def _parse_table(
        self, parent_name: items.Key | None = None, parent: items.Table | None = None
    ) -> tuple[items.Key, items.Table | items.AoT]:
        at = self._idx
        key, table = super()._parse_table(parent_name, parent)
        self._record(table, at)
        inner: Any = table
        while isinstance(inner, items.Table) and inner.is_super_table() and inner.value.body:
            inner = inner.value.body[0][1]  # [a.b.c] is three tables on one line
            self._record(inner, at)
        return key, table


def read_toml(path: Path, *, missing: type[ZooError] = RecipeError) -> Document:
    """Read a TOML file; RecipeError with the line if it is invalid, `missing` if there is no such file."""
    return parse_toml_file(read_toml_bytes(path, missing=missing), path)


def read_toml_bytes(path: Path, *, missing: type[ZooError] = RecipeError) -> bytes:
    """Read the bytes of a TOML file, which may be a link; RecipeError if it is too large or not a regular file."""
    try:
        return read_bounded(path, MAX_BYTES, RecipeError, follow_links=True)
    except FileNotFoundError:
        raise missing(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        raise InputOutputError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None


def parse_toml_file(data: bytes, path: Path) -> Document:
    """Parse the bytes of a TOML file, with or without a byte-order mark; RecipeError with the line of an error."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        line = data.partition(b"\0")[0].count(b"\n") + 1
        raise RecipeError("not a text in UTF-8", where=f"{path}:{line}", hint="save it as UTF-8")
    try:
        return parse_toml(data.decode("utf-8-sig"), str(path), size=len(data))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RecipeError("invalid UTF-8", where=f"{path}:{line}") from None


def parse_toml(text: str, name: str, *, size: int = 0) -> Document:
    """Parse the text of the file `name`."""
    if max(size, len(text)) > MAX_BYTES:
        raise RecipeError(f"larger than {MAX_BYTES // 1024} KiB", where=name)
    text = text.replace("\r\n", "\n")
    check_depth(text, name)
    try:
        values = tomllib.loads(text)
        if _count_items(values) > MAX_ITEMS:
            raise RecipeError(f"more than {MAX_ITEMS} keys and items", where=name)
        parser = _LineParser(text)
        document = parser.parse()
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(_locate_syntax_error(str(error), name, text)) from None
    except (ParseError, TOMLKitError) as error:
        raise RecipeError(Problem(str(error), name)) from None
    except (RecursionError, ValueError) as error:
        huge = HUGE_NUMBER.search(text)
        if huge is None:
            raise RecipeError(Problem(f"invalid TOML: {error}", name)) from None
        line = text.count("\n", 0, huge.start()) + 1
        raise RecipeError("invalid TOML: a number with thousands of digits", where=f"{name}:{line}") from None
    locations: dict[KeyPath, str] = {}
    _collect_lines(document, (), parser.lines, locations, name)
    return Document(values, locations)


def edit_toml(text: str, edit: Callable[[TOMLDocument], None]) -> str:
    """The text after an edit of its document; byte-order mark, comments, order and line ends are kept.

    New lines end like all others. Raises ParseError for invalid TOML, and what `edit` raises.
    """
    body = text.removeprefix(BOM)
    document = tomlkit.parse(body)
    edit(document)
    edited = tomlkit.dumps(document)
    if "\r\n" in body and not LONE_LINE_FEED.search(body):
        edited = LONE_LINE_FEED.sub("\r\n", edited)
    return text[: len(text) - len(body)] + edited


def _count_items(value: Any) -> int:
    """The number of keys and items below a value, whose depth is bounded."""
    below = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return len(below) + sum(map(_count_items, below))


def _locate_syntax_error(message: str, name: str, text: str) -> Problem:
    """The problem of a TOMLDecodeError, which before Python 3.14 has the line only in its message."""
    what, _, place = message.partition(" (at ")
    line = place.partition("line ")[2].partition(",")[0] or str(
        text.rstrip().count("\n") + 1
    )  # the end of the document
    return Problem(f"invalid TOML: {what}", f"{name}:{line}")


def _collect_lines(node: Any, path: KeyPath, lines: Mapping[int, int], locations: dict[KeyPath, str], name: str) -> str:
    """Collect the location of every key below a node; a table without a line gets that of its first key.

    Returns the location of the first key.
    """
    first = ""
    if isinstance(node, items.Table | items.InlineTable):
        node = node.value
    if isinstance(node, OutOfOrderTableProxy):
        for table in node._tables:
            inner = _collect_lines(table, path, lines, locations, name)
            first = first or inner
    if not isinstance(node, Container):
        return first
    for key, item in node.body:
        if key is None:
            continue
        below = (*path, *(part.key for part in key))
        line = lines.get(id(item))
        if line is not None:
            for length in range(len(path) + 1, len(below) + 1):
                locations.setdefault(below[:length], f"{name}:{line}")
        inner = _collect_lines(item, below, lines, locations, name)
        if inner:
            locations.setdefault(below, inner)
        first = first or locations.get(below, "")
    return first


def check_depth(text: str, name: str) -> None:
    """Reject nesting that is too deep for a recursive parser; dotted keys count as levels."""
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
                raise RecipeError(f"nested more than {MAX_DEPTH} levels deep", where=f"{name}:{line}")
        if at < len(text) and text[at] == "\n":
            line += 1
            string = "" if len(string) == 1 else string
            depth = max(depth, 0)
        at += 1
