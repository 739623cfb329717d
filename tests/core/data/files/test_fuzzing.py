"""Damaged files of every format are read or rejected; `python -m benchmarks.fuzz_data_files` takes longer."""

from __future__ import annotations

import pytest

from benchmarks.fuzz_data_files import MAX_SECONDS, fuzz, sound_files

INPUTS = 700


@pytest.mark.parametrize("name", sound_files())
@pytest.mark.slow
def test_damaged_files_are_read_or_rejected(registry, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)  # where inputs that end otherwise are written
    ends, slowest = fuzz(name, INPUTS, registry)
    assert set(ends) == {"read", "rejected"}
    assert slowest < MAX_SECONDS
