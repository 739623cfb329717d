"""Assignments as a user writes them, and the options that stand for some. Imports nothing: every command needs it."""

from __future__ import annotations

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


def _unquote(name: str) -> str:
    """A name of a key without its quotes and escapes; "" if it is not valid TOML."""
    if name[:1] not in QUOTES:
        return name
    import tomllib

    try:
        return next(iter(tomllib.loads(f"{name} = 0")))
    except (tomllib.TOMLDecodeError, ValueError):
        return ""
