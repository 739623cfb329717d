"""An output file is no input of the same command, under whatever name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo_core.errors import RecipeError
from zoo_core.filesystem.outputs import check_output


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
@pytest.mark.parametrize("output", ["in.csv", "./in.csv", "hard.csv", "soft.csv", "data/../in.csv"])
@pytest.mark.parametrize("source", ["in.csv", "in*.csv", "soft.csv", "*"])
def test_an_input_is_not_overwritten(tmp_path, monkeypatch, output, source):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("text\n", "utf-8")
    Path("data").mkdir()
    os.link("in.csv", "hard.csv")
    Path("soft.csv").symlink_to("in.csv")
    with pytest.raises(RecipeError, match="is the input"):
        check_output(output, [source])


def test_a_file_of_a_folder_that_is_read_is_not_overwritten(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model").write_text("weights", "utf-8")
    with pytest.raises(RecipeError, match="a file of"):
        check_output(str(tmp_path / "run" / "model"), [str(tmp_path / "run")])
    check_output(str(tmp_path / "run" / "plot.png"), [str(tmp_path / "run")])
    check_output("-", ["-"])


def test_standard_input_may_be_the_output(tmp_path, monkeypatch):
    path = tmp_path / "in.csv"
    path.write_text("text\n", "utf-8")
    with path.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        with pytest.raises(RecipeError, match="is the input"):
            check_output(str(path), ["-"])
        check_output(str(tmp_path / "out.csv"), ["-"])
