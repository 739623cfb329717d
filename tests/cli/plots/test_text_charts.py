"""Charts of runs, made of characters."""

from __future__ import annotations

from zoo_cli.plots.text_charts import confusion_table, pad_text
from zoo_core.evaluation.diagnostics import Confusion


def test_wide_characters_take_two_columns():
    assert pad_text("긍정", 6) == "긍정  "
    assert pad_text("아주 긴 클래스 이름", 12).rstrip() == "아주…이름"
    rows = confusion_table(Confusion(("긍정", "부정"), ((45, 1), (2, 42)))).splitlines()[-2:]
    assert [row.split() for row in rows] == [["1", "긍정", "45", "1"], ["2", "부정", "2", "42"]]
