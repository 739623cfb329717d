"""`zoo data check`: advice that names a command."""

from __future__ import annotations

import shlex
from pathlib import Path


def test_classes_that_are_sets_of_labels_get_the_command_that_reads_them(zoo):
    cells = ["late", "price", "late; price", "late; broken", "price; broken", "broken"] * 20
    lines = [f"{cell},word{row} here" for row, cell in enumerate(cells)]
    Path("sets.csv").write_text("\n".join(["label,text", *lines, ""]), "utf-8")
    [found] = [one for one in zoo("data", "check", "sets.csv", "--json").json["findings"] if "sets" in one["check"]]
    assert (found["check"], found["severity"]) == ("sets-of-labels", "note")
    assert "the 6 classes look like sets of 3 labels: " in found["message"]
    assert "zoo train tags-fast --data sets.csv" in found["advice"]


def test_columns_of_0_and_1_get_the_command_that_reads_all_of_them(zoo):
    rows = [f"word{row} here,{row % 2},{row // 2 % 2},{row // 4 % 2},{row % 3}" for row in range(40)]
    Path("flags.csv").write_text("\n".join(["text,late,too dear,broken,number", *rows, ""]), "utf-8")
    for given in ([], ["--label", "late"]):
        findings = zoo("data", "check", "flags.csv", *given, "--json").json["findings"]
        [found] = [one for one in findings if one["check"] == "columns-of-labels"]
        assert found["severity"] == "note"
        assert found["message"].endswith('"late", "too dear", "broken"')
        command = shlex.split(found["advice"].partition("zoo train tags-fast")[2])
        labels = [command[at + 1] for at, word in enumerate(command) if word == "--label"]
        assert sorted(labels) == ["broken", "late", "too dear"]


def test_a_column_of_labels_that_no_option_names_is_in_the_command(zoo):
    rows = [f"word{row} here,{row % 2},{row // 2 % 2}" for row in range(40)]
    Path("flags.csv").write_text("\n".join(["text,label,broken", *rows, ""]), "utf-8")
    findings = zoo("data", "check", "flags.csv", "--json").json["findings"]
    [found] = [one for one in findings if one["check"] == "columns-of-labels"]
    assert "zoo train tags-fast --label label --label broken --data flags.csv" in found["advice"]
