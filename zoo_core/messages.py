"""Words for messages: suggestions, lists and counts; safe characters and lengths; the warnings of the library."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import PurePath
from unicodedata import category

from attrs import frozen

__all__ = ["join_names", "name_hint", "note", "pluralize", "suggest_install", "warn"]
LOGGER = "textzoo"
MAX_LINE_CHARS = 2000  # of a message on one line
MAX_NAME_CHARS = 100  # of a name in a list or a suggestion
MAX_COMPARED_NAMES = 10_000  # names among which a similar one is searched
# C0 but tab and line feed, DEL, C1, line and paragraph separators, bidirectional controls, unpaired surrogates
TERMINAL_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_CONTROLS = re.compile(f"[{TERMINAL_CONTROLS}]")
JOINERS = "\u200c\u200d"  # part of words in some scripts, and of emoji
MAX_COMMAND_CHARS = 300  # of a suggested command: a longer one would be shortened
DISTRIBUTION_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")  # PEP 508
ARCHIVE_NAME = re.compile(r".*\.(whl|zip|tar|t[glbx]z|gz|bz2|xz|lz|lzma)", re.IGNORECASE)  # a file for pip


@frozen
class Suggestion:
    """The known name that is closest to a misspelled one."""

    match: str

    @property
    def text(self) -> str:
        """The suggestion as a hint."""
        return f"did you mean {quote_name(self.match)}?"


def suggest(wrong: str, names: Iterable[str]) -> Suggestion | None:
    """Find the name closest to a misspelled one; None if no name is close.

    >>> suggest("epohcs", ["epochs", "seed"])
    Suggestion(match='epochs')
    """
    known = sorted({name for name in names if len(name) <= MAX_NAME_CHARS})
    close = [name for name in known if name.casefold() == wrong.casefold()]
    if not close and len(wrong) <= MAX_NAME_CHARS and len(known) <= MAX_COMPARED_NAMES:
        close = get_close_matches(wrong, known, n=1, cutoff=0.6) or [name for name in known if _one_slip(wrong, name)]
    return Suggestion(close[0]) if close else None


def name_hint(wrong: str, names: Iterable[str]) -> str:
    """The hint for an unknown name: the closest known name, or all of them.

    >>> name_hint("epohcs", ["epochs", "seed"])
    'did you mean "epochs"?'
    """
    known = sorted(set(names))
    suggestion = suggest(wrong, known)
    if suggestion:
        return suggestion.text
    return f"choose from {join_names(known)}" if known else ""


def _one_slip(wrong: str, right: str) -> bool:
    """Whether one letter that is missing, added, changed or swapped with the next makes the difference.

    >>> _one_slip("rl", "lr"), _one_slip("l", "l1"), _one_slip("x", "lr")
    (True, True, False)
    """
    shared = next(
        (at for at, (a, b) in enumerate(zip(wrong, right, strict=False)) if a != b), len(min(wrong, right, key=len))
    )
    w, r = wrong[shared:], right[shared:]
    changed = w[1:] == r[1:] and len(right) > 1 and bool(w and r)
    swapped = w[2:] == r[2:] and len(w) > 1 and w[1::-1] == r[:2]
    return changed or swapped or w[1:] == r or w == r[1:]


def join_names(names: Iterable[str], limit: int = 12) -> str:
    """Names for a message, at most `limit` of them and the number of the others."""
    names = list(names)
    shown = ", ".join(shorten(name, MAX_NAME_CHARS) for name in names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown


def quote_name(name: str) -> str:
    r"""A name from data in quotes, with those in it escaped as TOML and JSON do; a long one is shortened.

    >>> print(quote_name('a "b" c'))
    "a \"b\" c"
    """
    escaped = shorten(name, MAX_NAME_CHARS).replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def pluralize(count: int, noun: str) -> str:
    """A count and its noun, in the plural unless the count is 1.

    >>> pluralize(1, "row"), pluralize(2, "row"), pluralize(0, "class")
    ('1 row', '2 rows', '0 classes')
    """
    return f"{count} {noun if count == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of a noun.

    >>> plural("row"), plural("class")
    ('rows', 'classes')
    """
    return f"{noun}{'es' if noun.endswith('s') else 's'}"


def suggest_command(command: str, *arguments: str | PurePath) -> str:
    """A command to paste into a shell, with the arguments quoted; "" if one of them cannot be suggested.

    `command` is ours; the arguments may be a stranger's. A name that a command would read as an option is not
    suggested, nor one that is shown otherwise than it is. A path that begins with a hyphen gets a folder.

    >>> suggest_command("zoo predict", PurePath("-my run;ls"), "good")
    "zoo predict './-my run;ls' good"
    >>> suggest_command("zoo plugins disable", "--all"), suggest_command("zoo predict", PurePath("a\x1b[0m"))
    ('', '')
    """
    words = []
    for argument in arguments:
        word = str(argument)
        if isinstance(argument, PurePath) and word[0] in "-=~":
            word = f"./{word}"
        if not word.isprintable() or not word or word[0] in "-=~":
            return ""
        words.append(shlex.quote(word))
    suggestion = " ".join([command, *words])
    return suggestion if len(suggestion) <= MAX_COMMAND_CHARS else ""


def suggest_install(distribution: str, version: str = "", *, command: str = "pip install") -> str:
    """The command that installs a distribution; "" if the name or the version is invalid (PEP 508, PEP 440).

    A name that pip takes for a file in the working folder is not suggested either.

    >>> suggest_install("textzoo-mine", "1.0"), suggest_install("mine; reboot"), suggest_install("mine", "1 --pre")
    ('pip install textzoo-mine==1.0', '', '')
    """
    from packaging.version import InvalidVersion, Version

    is_name = DISTRIBUTION_NAME.fullmatch(distribution) and not ARCHIVE_NAME.fullmatch(distribution)
    if not is_name or len(version) > MAX_COMMAND_CHARS:
        return ""
    try:
        return suggest_command(command, f"{distribution}=={Version(version)}" if version else distribution)
    except InvalidVersion:
        return ""


def join_hints(*hints: str) -> str:
    """Alternatives as one hint; those that are empty are left out.

    >>> join_hints("", "fix mine.py", "disable it")
    'fix mine.py, or disable it'
    """
    return ", or ".join(filter(None, hints))


def warn(text: str) -> None:
    """Log a warning to the logger "textzoo", which the command line draws as `zoo: warning: …`."""
    import logging  # here, because most commands never warn

    logging.getLogger(LOGGER).warning("%s", message_line(text))


def note(text: str) -> None:
    """Log a note to the same logger, at the level INFO; the command line prints it as it is, once."""
    import logging

    logging.getLogger(LOGGER).info("%s", message_line(text))


def escape_control_chars(text: str) -> str:
    """Escape every invisible character but spaces and joiners, so that no input controls a terminal or breaks a line.

    >>> escape_control_chars("a\\x1b[31m b")
    'a\\\\x1b[31m b'
    """
    return text if text.isprintable() else "".join(map(_escape_invisible, text))


def _escape_invisible(character: str) -> str:
    is_visible = character.isprintable() or character in JOINERS or category(character) == "Zs"
    return character if is_visible else character.encode("unicode_escape").decode()


def escape_terminal_controls(text: str, controls: re.Pattern[str] = _CONTROLS) -> str:
    """Escape what controls a terminal in a text of several lines, as JSON does: JSON keeps its values.

    >>> escape_terminal_controls("a\\x9b31m\\tb\\n")
    'a\\\\u009b31m\\tb\\n'
    """
    return controls.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` characters: the middle of a longer one is left out.

    >>> shorten("abcdefghi", 5)
    'ab…hi'
    """
    half = limit // 2
    return text if len(text) <= limit else f"{text[: limit - half - 1]}…{text[len(text) - half :]}"


def message_line(text: str) -> str:
    """A message as one line of bounded length, without control characters."""
    return shorten(escape_control_chars(shorten(text, MAX_LINE_CHARS)), MAX_LINE_CHARS)
