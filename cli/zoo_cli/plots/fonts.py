"""Words of list_fonts made fit to be drawn: short enough, and in letters that a font here has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from attrs import frozen
from rich.cells import cell_len

DEFAULT_FONT = "DejaVu Sans"  # comes with matplotlib


@frozen
class FontCoverage:
    """The fonts that a picture's words need beside the plain one, and the letters that none of them has."""

    fonts: tuple[str, ...]
    missing: frozenset[str]

    def label(self, text: str, most: int = 24) -> str:
        """A text as it is drawn: cut to about `most` columns, what cannot be shown as its code."""
        from zoo_core.messages import escape_control_chars

        codes = [c.encode("unicode_escape").decode() if c in self.missing else c for c in escape_control_chars(text)]
        return shorten_middle(codes, most) if text.strip() else f'"{text}"'

    def describe(self) -> str:
        """A line for people about what is shown as its code; empty where nothing is."""
        if not self.missing:
            return ""
        from zoo_core.messages import join_names

        return f"no installed font has {join_names(sorted(self.missing))}: shown as escape codes"


def shorten_middle(text: Sequence[str], most: int) -> str:
    """The beginning and the end of a long text: names that differ only there stay apart. A wide letter is two columns.

    >>> shorten_middle("a very long name of a class", 12), shorten_middle("아주 긴 클래스 이름", 12)
    ('a very…class', '아주…이름')
    """
    if sum(map(cell_len, text)) <= most:
        return "".join(text)
    end = _take_prefix(reversed(text), most // 2 - 1)
    return f"{''.join(_take_prefix(text, most // 2)).rstrip()}…{''.join(reversed(end)).lstrip()}"


def _take_prefix(text: Iterable[str], most: int) -> list[str]:
    """The first pieces, as many as have room."""
    found: list[str] = []
    for piece in text:
        if sum(map(cell_len, found)) + cell_len(piece) > most:
            break
        found.append(piece)
    return found


def find_fonts(texts: Iterable[str]) -> FontCoverage:
    """What it takes to draw these texts with the fonts of this machine."""
    from zoo_core.messages import escape_control_chars

    wanted = {c for text in texts for c in escape_control_chars(text)} - font_characters(font_path(DEFAULT_FONT))
    fonts = []
    for search in (list_fonts, list_new_fonts):
        for name, path in search() if wanted else []:
            if found := wanted & font_characters(path):
                fonts.append(name)
                wanted -= found
    return FontCoverage(tuple(fonts), frozenset(wanted))


def font_path(font: str) -> str:
    from matplotlib import font_manager

    return str(font_manager.findfont(font))


def list_fonts() -> list[tuple[str, str]]:
    """Name and file of every upright font here, sorted; fonts of colored pictures cannot be drawn."""
    from matplotlib import font_manager

    found: dict[str, Any] = {}
    for entry in font_manager.fontManager.ttflist:
        plain = entry.style == "normal" and entry.weight in (400, "normal", "regular", "book")
        if plain and not any(odd in entry.name for odd in ("Color", "Last Resort", DEFAULT_FONT, "STIX", "cm")):
            found[entry.name] = min(found.get(entry.name, entry.fname), entry.fname)
    return sorted(found.items())


def list_new_fonts() -> list[tuple[str, str]]:
    """The same, of fonts that were installed after matplotlib wrote down which there are."""
    from matplotlib import font_manager

    before = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted({*font_manager.findSystemFonts()} - before):
        with suppress(OSError, RuntimeError, ValueError):  # a file that is not a font
            font_manager.fontManager.addfont(path)
    return [(name, path) for name, path in list_fonts() if path not in before]


@cache
def font_characters(path: str) -> frozenset[str]:
    """The characters a font has; none, where it cannot be read."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(path).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()
