"""Assignments as a user writes them, and the options that stand for some. Every command needs it: keep it light."""

from __future__ import annotations

import re
from collections.abc import Iterable

OPTIONS = {  # of commands that read data, by the setting that each of them sets
    "task.text": "--text",
    "task.label": "--label",
    "task.split": "--split",
    "reader": "--reader",
    "reader.delimiter": "--delimiter",
    "reader.encoding": "--encoding",
}
QUOTES = ('"', "'")
MAX_KEY_PARTS = 16
BARE_NAME = re.compile("[A-Za-z0-9_-]+")
FLAGS = {("reader.header", "false"): "--no-header"}


class Assignment(str):
    """An assignment `KEY=VALUE`, and what the user wrote for it: `--epochs 5`."""

    written_as: str

    def __new__(cls, text: str, written_as: str) -> Assignment:
        assignment = super().__new__(cls, text)
        assignment.written_as = written_as
        return assignment


def split_assignment(text: str) -> tuple[tuple[str, ...], str]:
    """The key path and the text of the value in `KEY=VALUE`; a name may be quoted as in TOML. () if it is neither.

    >>> split_assignment('training.class_weights."a.b" = 5')
    (('training', 'class_weights', 'a.b'), ' 5')
    """
    path, start, quote, is_escaped = list[str](), 0, "", False
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not is_escaped else quote
            is_escaped = character == "\\" and quote == '"' and not is_escaped
        elif character in QUOTES and not text[start:at].strip():
            quote = character
        elif character in ".=":
            path.append(_unquote(text[start:at].strip()))
            start = at + 1
            if character == "=":
                return (tuple(path) if all(path) and len(path) <= MAX_KEY_PARTS else ()), text[start:]
    return (), ""


def split_key(key: str) -> tuple[str, ...]:
    """The names in a dotted key, which may be quoted as in TOML; () if it is not a key.

    >>> split_key('parts."a.b".cutoff')
    ('parts', 'a.b', 'cutoff')
    """
    path, rest = split_assignment(f"{key}=")
    return () if rest else path


def join_key(path: Iterable[str]) -> str:
    """The dotted key of a path of names; those with other characters than letters, digits, - and _ are quoted.

    >>> join_key(["parts", "a.b", "cutoff"])
    'parts."a.b".cutoff'
    """
    return ".".join(name if BARE_NAME.fullmatch(name) else _quote(name) for name in path)


def _quote(name: str) -> str:
    """A name as a string of TOML."""
    import json

    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")


def _unquote(name: str) -> str:
    """A name of a key without its quotes and escapes; "" if it is not valid TOML."""
    if name[:1] not in QUOTES:
        return name
    import tomllib

    try:
        return next(iter(tomllib.loads(f"{name} = 0")))
    except (tomllib.TOMLDecodeError, ValueError):
        return ""
