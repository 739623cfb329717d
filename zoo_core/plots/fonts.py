"""Make labels fit to plot: short enough, and in characters that an installed font has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any
from unicodedata import category, combining, east_asian_width, name

from attrs import frozen

DEFAULT_FONT = "DejaVu Sans"  # comes with matplotlib
CJK_SCRIPTS = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO", "IDEOGRAPHIC")  # first words of Unicode names


@frozen
class FontCoverage:
    """The font families that the texts of a plot need, and the characters that no installed font has."""

    families: tuple[str, ...]
    missing: frozenset[str]

    def label(self, text: str, max_columns: int = 24) -> str:
        """A text to plot: at most about `max_columns` wide, with missing characters as escape codes."""
        from zoo_core.messages import escape_control_chars

        codes = [c.encode("unicode_escape").decode() if c in self.missing else c for c in escape_control_chars(text)]
        return shorten_middle(codes, max_columns) if text.strip() else f'"{text}"'

    def describe(self) -> str:
        """A sentence on the missing characters; empty if there are none."""
        if not self.missing:
            return ""
        from zoo_core.messages import join_names

        packages = join_names(sorted({_font_package(character) for character in self.missing}))
        shown = join_names(sorted(self.missing))
        return (
            f"no installed font has {shown}: shown as escape codes (hint: on Debian or Ubuntu: apt install {packages})"
        )


def _font_package(character: str) -> str:
    """The package of Debian with a font for a character; matplotlib draws no color fonts, as most emoji are."""
    script = name(character, "").partition(" ")[0]
    if script in CJK_SCRIPTS or (east_asian_width(character) in "FW" and category(character)[0] in "LPN"):
        return "fonts-noto-cjk"
    return "fonts-noto-core" if category(character)[0] in "LMN" else "fonts-symbola"


def shorten_middle(text: Sequence[str], max_columns: int) -> str:
    """Keep the beginning and the end of a long text, which distinguish most names. Wide characters take two columns.

    >>> shorten_middle("a very long name of a class", 12), shorten_middle("아주 긴 클래스 이름", 12)
    ('a very…class', '아주…이름')
    """
    if sum(map(cell_len, text)) <= max_columns:
        return "".join(text)
    end = _take_prefix(reversed(text), max_columns // 2 - 1)
    return f"{''.join(_take_prefix(text, max_columns // 2)).rstrip()}…{''.join(reversed(end)).lstrip()}"


def cell_len(text: str) -> int:
    """The columns of a text: two for a wide character, none for a combining one.

    >>> cell_len("아주 e\u0301")
    6
    """
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _take_prefix(text: Iterable[str], max_columns: int) -> list[str]:
    """The first characters that fit into `max_columns`."""
    prefix: list[str] = []
    for character in text:
        if sum(map(cell_len, prefix)) + cell_len(character) > max_columns:
            break
        prefix.append(character)
    return prefix


def find_fonts(texts: Iterable[str]) -> FontCoverage:
    """Find installed fonts that cover these texts, those included that were installed after matplotlib listed them.

    Warns of characters that no font has, with the package that has one.
    """
    from zoo_core.messages import escape_control_chars, warn

    with quiet_font_manager():
        uncovered = {c for text in texts for c in escape_control_chars(text)} - font_characters(font_path(DEFAULT_FONT))
        families = []
        for search in (list_fonts, list_new_fonts):
            for family, path in search() if uncovered else []:
                if covered := uncovered & font_characters(path):
                    families.append(family)
                    uncovered -= covered
    coverage = FontCoverage(tuple(families), frozenset(uncovered))
    if coverage.missing:
        warn(coverage.describe())
    return coverage


@contextmanager
def quiet_font_manager() -> Iterator[None]:
    """Silence what matplotlib logs about fonts: that it lists them, that fontconfig or a bold face is missing."""
    import logging

    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def font_path(font: str) -> str:
    """The file of a font family."""
    from matplotlib import font_manager

    return str(font_manager.findfont(font))


def list_fonts() -> list[tuple[str, str]]:
    """Family and file of every upright font that matplotlib knows, sorted; matplotlib cannot draw color fonts."""
    from matplotlib import font_manager

    files: dict[str, Any] = {}
    for entry in font_manager.fontManager.ttflist:
        is_regular = entry.style == "normal" and entry.weight in (400, "normal", "regular", "book")
        if is_regular and not any(
            excluded in entry.name for excluded in ("Color", "Last Resort", DEFAULT_FONT, "STIX", "cm")
        ):
            files[entry.name] = min(files.get(entry.name, entry.fname), entry.fname)
    return sorted(files.items())


def list_new_fonts() -> list[tuple[str, str]]:
    """Family and file of the fonts that were installed after matplotlib wrote its font cache."""
    from matplotlib import font_manager

    cached = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted({*font_manager.findSystemFonts()} - cached):
        with suppress(OSError, RuntimeError, ValueError):  # a file that is not a font
            font_manager.fontManager.addfont(path)
    return [(name, path) for name, path in list_fonts() if path not in cached]


@cache
def font_characters(path: str) -> frozenset[str]:
    """The characters of a font; none if the file is unreadable."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(path).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()
