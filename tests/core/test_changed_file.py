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

READ: dict[str, Callable[[Path], Any]] = {
    "bytes": lambda file: sources.read_bytes(str(file)),
    "table": lambda file: read_table(file, open_zoo().registry),
    "pieces": lambda file: list(TableStream(file, open_zoo().registry)),
}


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize("text", [b"text,label\ngood,a\n", b'text,label\n"good,a\n'])
def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, text: bytes
) -> None:
    """And not for a fault that may come of it, as of a row that was not yet written whole."""
    file = tmp_path / "reviews.csv"
    file.write_bytes(text)
    told = os.fstat

    def growing(handle: int) -> os.stat_result:
        found = told(handle)
        with file.open("ab") as more:
            more.write(b"bad,b\n")
        return found

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(DataError, match="changed while it was read"):
        READ[how](file)
