"""Messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(wrong: str, right: Iterable[str]) -> str:
    """The hint for a misspelled name: the closest of the right ones, or all of them.

    >>> nearest("epohcs", ["epochs", "seed"])
    'did you mean "epochs"?'
    """
    names = sorted(set(right))
    close = [name for name in names if name.casefold() == wrong.casefold()]
    close = close or get_close_matches(wrong, names, n=1, cutoff=0.6) or [one for one in names if _one_slip(wrong, one)]
    if close:
        return f'did you mean "{close[0]}"?'
    return f"there is {join_names(names)}" if names else "there is none"


def _one_slip(wrong: str, right: str) -> bool:
    """Whether one letter left out, put in, changed, or swapped with its neighbor makes one of the other.

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


def join_names(names: Iterable[str], most: int = 12) -> str:
    """Names for a message, at most `most` of them."""
    names = list(names)
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def pluralize(number: int, one: str) -> str:
    """A number and what is counted, in the plural unless it is one.

    >>> counted(1, "row"), counted(2, "row"), counted(0, "class")
    ('1 row', '2 rows', '0 classes')
    """
    return f"{number} {one}" if number == 1 else f"{number} {one}{'es' if one.endswith('s') else 's'}"


def escape_control_chars(text: str) -> str:
    """`text` with control characters escaped, so that no input can drive a terminal or break a line.

    >>> printable("a\\x1b[31m b")
    'a\\\\x1b[31m b'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
