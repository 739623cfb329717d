"""A data file that changes while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zoo_core.config.zoo import open_zoo
from zoo_core.data.files import sources
from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.errors import DataError

READERS: dict[str, Callable[[Path], Any]] = {
    "bytes": lambda file: sources.read_bytes(str(file)),
    "table": lambda file: read_table(file, open_zoo().registry),
    "chunks": lambda file: list(TableStream(file, open_zoo().registry)),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", [b"text,label\ngood,a\n", b'text,label\n"good,a\n'])
def test_rejects_a_file_that_grows_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, text: bytes
) -> None:
    """The change is reported, not an error that it causes, such as an incomplete row."""
    file = tmp_path / "reviews.csv"
    file.write_bytes(text)
    fstat = os.fstat

    def growing(handle: int) -> os.stat_result:
        status = fstat(handle)
        with file.open("ab") as more:
            more.write(b"bad,b\n")
        return status

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(DataError, match="changed while it was read"):
        READERS[reader](file)


@pytest.mark.parametrize(
    "name", ["a review\nof two lines", "word " * 2000, "x" * 300, "nul\0", "It was a good place.", "some review text"]
)
def test_a_text_is_not_the_name_of_a_file(name: str) -> None:
    with pytest.raises(DataError, match="this is a text, not the name of a file") as caught:
        sources.expand_paths(name)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("name", ["missing.csv", "my new reviews.csv", "reviews", "a/b", "*.csv", "\udcff"])
def test_a_missing_file_is_not_a_text(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"no such file|no file matches"):
        read_table(name, open_zoo().registry)
    with pytest.raises(DataError, match="unpaired UTF-16 surrogate"):
        sources.expand_paths("\ud800")


def test_a_file_may_be_named_as_a_text(tmp_path: Path) -> None:
    file = tmp_path / "what we ate today"
    file.write_text("text\n")
    assert sources.expand_paths(file) == [str(file)]


def test_a_list_of_texts_is_not_a_list_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r'"good food": this is a text.*\(texts, labels\)'):
        sources.expand_paths(["good food", "cold food", "good food"])
    with pytest.raises(DataError, match="no such file"):
        read_table(["good", "good"], open_zoo().registry)
    assert sources.expand_paths(["my reviews.csv", "others"]) == ["my reviews.csv", "others"]
