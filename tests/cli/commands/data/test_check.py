"""`zoo data check`: advice that names a command."""

from __future__ import annotations

from pathlib import Path


def test_classes_that_are_sets_of_labels_get_the_command_that_reads_them(zoo):
    cells = ["late", "price", "late; price", "late; broken", "price; broken", "broken"] * 20
    lines = [f"{cell},word{row} here" for row, cell in enumerate(cells)]
    Path("sets.csv").write_text("\n".join(["label,text", *lines, ""]), "utf-8")
    [found] = [one for one in zoo("data", "check", "sets.csv", "--json").json["findings"] if "sets" in one["check"]]
    assert (found["check"], found["severity"]) == ("sets-of-labels", "note")
    assert "the 6 classes look like sets of 3 labels: " in found["message"]
    assert "zoo train tags-fast --data sets.csv" in found["advice"]
