"""Words for messages: suggestions, lists and counts; and the warnings of the library."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from attrs import frozen

LOGGER = "textzoo"


@frozen
class Suggestion:
    """The known name that is closest to a misspelled one."""

    match: str

    @property
    def text(self) -> str:
        """The suggestion as a hint."""
        return f'did you mean "{self.match}"?'


def suggest(wrong: str, names: Iterable[str]) -> Suggestion | None:
    """Find the name closest to a misspelled one; None if no name is close.

    >>> suggest("epohcs", ["epochs", "seed"])
    Suggestion(match='epochs')
    """
    known = sorted(set(names))
    close = [name for name in known if name.casefold() == wrong.casefold()]
    close = close or get_close_matches(wrong, known, n=1, cutoff=0.6)
    close = close or [name for name in known if _one_slip(wrong, name)]
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
    shown = ", ".join(names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown


def pluralize(count: int, noun: str) -> str:
    """A count and its noun, in the plural unless the count is 1.

    >>> pluralize(1, "row"), pluralize(2, "row"), pluralize(0, "class")
    ('1 row', '2 rows', '0 classes')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{'es' if noun.endswith('s') else 's'}"


def warn(text: str) -> None:
    """Log a warning to the logger "textzoo", which the command line draws as `zoo: warning: …`."""
    import logging  # here, because most commands never warn

    logging.getLogger(LOGGER).warning("%s", escape_control_chars(text))


def escape_control_chars(text: str) -> str:
    """Escape control characters, so that no input controls a terminal or breaks a line.

    >>> escape_control_chars("a\\x1b[31m b")
    'a\\\\x1b[31m b'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
