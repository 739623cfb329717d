"""A data file that changes while it is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo_core import sources
from zoo_core.errors import DataError


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "reviews.csv"
    file.write_bytes(b"text,label\ngood,a\n")
    assert sources.raw_bytes(str(file)) == b"text,label\ngood,a\n"
    told = os.fstat

    def growing(handle: int) -> os.stat_result:
        found = told(handle)
        with file.open("ab") as more:
            more.write(b"bad,b\n")
        return found

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(DataError, match="changed while it was read"):
        sources.raw_bytes(str(file))
