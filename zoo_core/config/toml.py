"""Reading TOML with bounds, and with the line of every key; editing it with everything else kept."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from zoo_core.config.key_lines import KeyPath, key_lines
from zoo_core.errors import InputOutputError, Problem, RecipeError, ZooError
from zoo_core.filesystem.reading import read_bounded

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32  # levels of tables and lists
MAX_ITEMS = 4096  # keys, and items of lists
BOM = "\ufeff"
DEEP_HEADER = re.compile(r"^[ \t]*\[[^\n]*?(?:\.[^\n]*?){5}", re.MULTILINE)
MAX_DEEP_HEADERS = 50
LONE_LINE_FEED = re.compile(r"(?<!\r)\n")
NEXT_OF_DEPTH = {  # the characters that count for the depth, by the quote of the string around them
    "": re.compile(r"[\"'#\[\]{}.=,\n]"),
    '"': re.compile(r'[\\"\n]'),
    "'": re.compile(r"['\n]"),
}
KEY = re.compile(r"""(?:^|[{,\[\n])[ \t]*([^\s"'{}\[\],=#][^"'{}\[\],=#\n]*)(?=[=\]])""")  # in front of = or ]
BARE_KEYS = re.compile(r"[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*")
HUGE_NUMBER = re.compile(r"[0-9](_?[0-9]){999}")  # Python limits the digits of a number


@frozen
class Document:
    """The values of a TOML file, and `file:line` for each key path; `title` is its name as a layer."""

    values: dict[str, Any]
    locations: Mapping[KeyPath, str]
    title: str = ""


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
        lines = key_lines(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(_locate_syntax_error(str(error), name, text)) from None
    except (RecursionError, ValueError) as error:
        huge = HUGE_NUMBER.search(text)
        if huge is None:
            raise RecipeError(Problem(f"invalid TOML: {error}", name)) from None
        line = text.count("\n", 0, huge.start()) + 1
        raise RecipeError("invalid TOML: a number with thousands of digits", where=f"{name}:{line}") from None
    return Document(values, {path: f"{name}:{line}" for path, line in lines.items()})


def edit_toml(text: str, edit: Callable[[TOMLDocument], None], where: str) -> str:
    """The text after an edit of its document; byte-order mark, comments, order and line ends are kept.

    New lines end like all others. Raises ParseError for invalid TOML, and what `edit` raises.
    """
    import tomlkit

    if len(DEEP_HEADER.findall(text)) > MAX_DEEP_HEADERS:  # tomlkit takes minutes for a few hundred
        raise RecipeError(f"more than {MAX_DEEP_HEADERS} tables nested more than 5 levels deep", where=where)
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
    key = find_unquoted_key(text.split("\n")[int(line) - 1])
    return Problem(f"invalid TOML: {what}", f"{name}:{line}", f"put the key in quotes: {key}" if key else "")


def find_unquoted_key(text: str) -> str:
    """The first key of invalid TOML that must be in quotes, in quotes; "" if there is none.

    >>> find_unquoted_key('{ a = 1, größe = 2 }'), find_unquoted_key('{ "größe" = 2')
    ('"größe"', '')
    """
    keys = (match[1].strip() for match in KEY.finditer(text))
    return next((f'"{key}"' for key in keys if not BARE_KEYS.fullmatch(key)), "")


def check_depth(text: str, name: str) -> None:
    """Reject nesting that is too deep for a recursive parser; dotted keys count as levels."""
    depth, string, at = 0, "", 0
    line, dots = 1, 0
    while found := NEXT_OF_DEPTH[string[:1]].search(text, at):
        at, character = found.start(), found.group()
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
