"""Folders of classes: every .txt file is a text; what is skipped is counted in one warning."""

from __future__ import annotations

import logging
import os
import sys

import pytest

from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError


@pytest.fixture
def folder(tmp_path):
    for label, name in [("pos", "1.txt"), ("pos", "2.TXT"), ("neg", "1.Txt"), ("neg", "3.txt")]:
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / name).write_text(f"{label} {name}")
    return tmp_path


def test_the_case_of_the_suffix_does_not_matter(registry, folder, caplog):
    assert read_table(folder, registry).frame["text"].to_list() == ["neg 1.Txt", "neg 3.txt", "pos 1.txt", "pos 2.TXT"]
    assert not caplog.records


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_counts_what_is_skipped_in_one_warning(registry, folder, caplog):
    for name in (".DS_Store", "README.md", "pos/._1.txt", "pos/Thumbs.db", "pos/notes", "neg/a.md", "neg/b.md"):
        (folder / name).write_bytes(b"\0\1\2")
    (folder / "neg" / "deeper").mkdir()
    os.mkfifo(folder / "pos" / "pipe.txt")
    (folder / "pos" / "loop.txt").symlink_to(folder / "pos" / "loop.txt")
    with caplog.at_level(logging.WARNING, "textzoo"):
        assert read_table(folder, registry).frame.height == 4
    (record,) = caplog.records
    assert record.message.startswith(f"{folder}: 10 items skipped (")
    for reason in ("2 hidden", "2 .md", "2 not regular files", "1 outside of classes", "1 .db"):
        assert reason in record.message


def test_limits_the_files_and_the_size_of_a_text(registry, folder, monkeypatch):
    monkeypatch.setenv("ZOO_MAX_FILES", "3")
    with pytest.raises(DataError, match=r"more than 3 files \(hint: if that is intended, set ZOO_MAX_FILES=6\)"):
        read_table(folder, registry)
    monkeypatch.delenv("ZOO_MAX_FILES")
    with (folder / "pos" / "hole.txt").open("wb") as stream:
        stream.truncate(30 << 30)  # of which the disk has nothing
    with pytest.raises(DataError, match=r"hole.txt: a text of 30720 MiB, more than 16"):
        read_table(folder, registry)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems store names as Unicode")
def test_any_bytes_may_name_a_file_but_not_a_class(tmp_path, registry):
    text = tmp_path / "a" / os.fsdecode(b"\xff.txt")
    text.parent.mkdir()
    text.write_text("good", encoding="utf-8")
    assert read_table(tmp_path, registry).frame.rows() == [("good", "a")]
    text.parent.rename(tmp_path / os.fsdecode(b"\xc0"))
    with pytest.raises(DataError, match="the name of a class is not UTF-8"):
        read_table(tmp_path, registry)
