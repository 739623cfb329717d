"""Labels in characters that an installed font has."""

from __future__ import annotations

import logging

import pytest

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


@pytest.mark.parametrize(
    ("characters", "packages"),
    [
        ("味한かカー，", "fonts-noto-cjk"),
        ("हिع", "fonts-noto-core"),
        ("😀", "fonts-symbola"),
        ("한ع😀", "fonts-noto-cjk, fonts-noto-core, fonts-symbola"),
    ],
)
def test_packages_with_fonts_are_named(characters, packages):
    assert FontCoverage((), frozenset(characters)).describe().endswith(f"apt install {packages})")


def test_missing_characters_are_a_warning_and_fonts_are_found_without_a_word(monkeypatch, caplog, capfd):
    monkeypatch.setattr(fonts, "font_characters", lambda _path: frozenset(map(chr, range(128))))
    monkeypatch.setattr(fonts, "list_new_fonts", lambda: [])
    logging.getLogger("matplotlib.font_manager").setLevel(logging.NOTSET)
    monkeypatch.setattr(
        fonts, "list_fonts", lambda: logging.getLogger("matplotlib.font_manager").warning("noise") or []
    )
    assert find_fonts(["맛"]).missing == {"맛"}
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["no installed font has 맛"]
    assert capfd.readouterr() == ("", "")


def test_new_fonts_are_found(monkeypatch):
    from matplotlib import font_manager

    plain = font_manager.findfont("DejaVu Sans")
    known = [entry for entry in font_manager.fontManager.ttflist if "DejaVu Serif" not in entry.name]
    serif = font_manager.findfont("DejaVu Serif")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [plain, serif, __file__])
    assert [path for _, path in fonts.list_new_fonts()] == [serif]
