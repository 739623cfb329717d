"""Labels in characters that an installed font has."""

from __future__ import annotations

from zoo_core.plots import fonts
from zoo_core.plots.fonts import FontCoverage, find_fonts


def test_characters_without_a_font_are_escape_codes():
    plain = FontCoverage((), frozenset("味"))
    assert plain.label("美味", 24) == "美\\u5473"
    assert plain.label("味" * 40, 24) == "\\u5473\\u5473…\\u5473"
    assert plain.label("") == '""'
    assert plain.label("a\x1b[31m") == "a\\x1b[31m"
    result = find_fonts(["plain", "\U000f0000"])  # private use: in no font
    assert (result.families, result.missing) == ((), frozenset())  # escaped before the search for a font
    assert "shown as escape codes" in plain.describe()


def test_new_fonts_are_found(monkeypatch):
    from matplotlib import font_manager

    plain = font_manager.findfont("DejaVu Sans")
    known = [entry for entry in font_manager.fontManager.ttflist if "DejaVu Serif" not in entry.name]
    serif = font_manager.findfont("DejaVu Serif")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [plain, serif, __file__])
    assert [path for _, path in fonts.list_new_fonts()] == [serif]
