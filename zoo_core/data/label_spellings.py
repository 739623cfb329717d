"""Labels that look alike: different strings that a reader takes for the same class."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

UNSEEN_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs")  # controls, format characters and what no font has
VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u180b-\u180d\u180f]")


def fold_label(label: str) -> str:
    """What a reader sees of a label: without case, normal form, kind of blanks and characters that are not seen.

    >>> fold_label("Caf\\u00e9\\u200b") == fold_label("cafe\\u0301")
    True
    """
    if label.isascii() and label.isprintable():
        return " ".join(label.casefold().split())
    composed = unicodedata.normalize("NFKC", label).casefold()
    spaced = " ".join(VARIATION_SELECTORS.sub("", composed).split())
    seen = "".join(sign for sign in spaced if unicodedata.category(sign) not in UNSEEN_CATEGORIES)
    return unicodedata.normalize("NFKC", " ".join(seen.split()))


def group_spellings(labels: Iterable[str]) -> list[list[str]]:
    """The labels that look alike, in their order; each group has two or more."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(fold_label(label), []).append(label)
    return [group for group in groups.values() if len(group) > 1]


def escape_label(label: str) -> str:
    r"""A label with everything but printable ASCII escaped, so that its spelling is seen.

    >>> escape_label("caf\u00e9")
    'caf\\xe9'
    """
    return label.encode("unicode_escape").decode("ascii")
