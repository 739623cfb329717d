"""Tables in terminals: no line is wider than the terminal, and every cell can be found whole or folded."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from zoo_cli.table_layout import cut_text, fold_text, lay_out, split_clusters
from zoo_core.messages import escape_control_chars

LABELS = (
    "긍정적인 리뷰",
    "とても長い名前のクラス、否定的なレビュー",
    "مراجعة إيجابية جدا",
    "हिन्दी की समीक्षा",
    "👩\u200d💻👍🏽 emoji",
    "e\u0301te\u0301 🇰🇷",
    "a" * 70,
    "",
)
TABLES = {
    "evaluate": (
        ["class", "precision", "recall", "f1", "rows"],
        [[label, "0.9000", "0.9", "1", "12"] for label in LABELS],
    ),
    "swap": (
        ["variant", "accuracy", "95% CI", "diff (pp)", "95% CI", "p", "params", "seconds"],
        [[label, "0.4889", "0.000…1.000", "26.1", "-91.2…100.0", "0.22", "10301", "0.04"] for label in LABELS],
    ),
    "runs": (
        ["run", "state", "changes", "data", "epochs", "warnings"],
        [[f"runs/{label}", "finished", label, f"data/{label}.csv", "10", ""] for label in LABELS],
    ),
    "explain": (["class", "word", "weight"], [[label, label[::-1], "+0.1"] for label in LABELS]),
    "empty": (["run", "state"], []),
}
texts = st.text(st.sampled_from("a b-한글かな漢字ع ँ👍\u0301\u200d🏽1"), max_size=60)
texts = texts.filter(lambda text: "\u200d \u200d" not in text)  # no letters to join: two lines become one when joined


def without_spaces(lines):
    return "".join(lines).replace(" ", "")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("name", TABLES)
def test_every_cell_is_whole_and_every_line_fits(name, width):
    columns, rows = TABLES[name]
    table = lay_out(columns, rows, width, optional=("epochs", "warnings"))
    lines = [*table.head, *(line for lines in table.rows for line in lines)]
    assert all(cell_len(line) <= width for line in lines)
    assert len(table.rows) == len(rows) and "warnings" not in table.omitted
    shown = [position for position, column in enumerate(columns) if column not in table.omitted]
    for row, found in zip(rows, table.rows, strict=True):
        for position in shown:  # the letters of a cell are in their order, with those of its neighbors between
            letters = iter(without_spaces(found))
            assert all(letter in letters for letter in row[position].replace(" ", ""))


@given(texts, st.integers(2, 30))
def test_folded_text_has_every_character_in_lines_that_fit(text, width):
    lines = fold_text(text, width)
    assert without_spaces(lines) == text.replace(" ", "")
    clusters = list(split_clusters(text))
    assert "".join(clusters) == text
    widest = max(map(cell_len, clusters), default=0)
    assert all(cell_len(line) <= max(width, widest) for line in lines)
    if not re.search(" [\u0301\u0901\u200d🏽]", text):
        assert not any(line and not cell_len(line[0]) for line in lines[1:])  # marks stay with their letters


@given(texts, st.integers(2, 30))
def test_cut_text_is_the_beginning_and_fits(text, width):
    cut = cut_text(text, width)
    assert cell_len(cut) <= width
    assert escape_control_chars(text).startswith(cut.removesuffix("…"))


def test_columns_are_aligned_by_width():
    table = lay_out(["label", "rows"], [["긍정", "1"], ["ab", "22"]], 80)
    assert [line for (line,) in table.rows] == ["긍정   1", "ab     22"]


def test_optional_columns_are_left_out_before_the_layout_changes():
    columns, row = ["name", "where", "state"], ["n" * 10, "w" * 30, "s" * 10]
    assert lay_out(columns, [row], 30, optional=("where",)).omitted == ["where"]
    assert lay_out(columns, [row], 34, optional=("where",)).omitted == []
    assert lay_out(columns, [row], 20).rows[0] == [
        "name: nnnnnnnnnn",
        "where:",
        "  " + "w" * 18,
        "  " + "w" * 12,
        "state: ssssssssss",
        "",
    ]
