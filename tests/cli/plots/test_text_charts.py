"""Charts of runs, made of characters, in terminals of several widths."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from zoo_cli.plots import text_charts
from zoo_cli.plots.text_charts import confusion_table
from zoo_core.evaluation.diagnostics import ClassReport, Confusion, RankingCurve
from zoo_core.evaluation.explanation import Contribution

LABELS = (
    "긍정적인 리뷰 아주 긴 이름의 클래스입니다",
    "とても長い名前のクラス、否定的なレビュー",
    "مراجعة إيجابية",
    "👩‍💻 café",
)


def test_wide_characters_take_two_columns():
    rows = confusion_table(Confusion(("긍정", "부정"), ((45, 1), (2, 42)))).splitlines()[-2:]
    assert [row.split() for row in rows] == [["1", "긍정", "45", "1"], ["2", "부정", "2", "42"]]
    assert len({cell_len(row) for row in rows}) == 1


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_labels_are_whole_and_lines_fit(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    counts = tuple(tuple(range(123_456, 123_456 + len(LABELS))) for _ in LABELS)
    words = {label: [Contribution(label, 0.5)] for label in LABELS}
    curves = [RankingCurve(label, (0.0, 1.0), (0.0, 1.0), 0.5, 0.5) for label in LABELS]
    reports = [ClassReport(label, 1.0, 1.0, 1.0, 123_456, 0) for label in LABELS]
    for chart in (
        confusion_table(Confusion(LABELS, counts)),
        text_charts.class_bars_chart(reports),
        text_charts.top_words_chart(words),
        text_charts.roc_chart(curves),
        "\n".join(text_charts.heading_lines(LABELS[0] * 5, about=LABELS[1] * 9)),
    ):
        assert max(map(cell_len, chart.splitlines())) <= width
    for chart in (confusion_table(Confusion(LABELS, counts)), text_charts.top_words_chart(words)):
        letters = re.sub(r"[\s\d█·+.]", "", chart)
        assert all(re.sub(r"\s", "", label) in letters for label in LABELS)


def test_classes_with_the_most_errors_are_drawn_in_their_order():
    reports = [ClassReport(f"c{number}", 0.5, 0.25, 1 / 3, 4, errors=number % 23) for number in range(25)]
    lines = text_charts.class_bars_chart(reports).splitlines()
    assert "the 20 of 25 with the most errors" in lines[1]
    assert [line.split()[0] for line in lines[3:]] == [f"c{number}" for number in range(3, 23)]
    assert lines[3].split()[1:5] == ["0.500", "0.250", "0.333", "4"]
