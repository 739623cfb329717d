"""Damaged checkpoints and swaps are found; `benchmarks/fuzz_checkpoints.py` tries many more."""

from __future__ import annotations

from benchmarks.fuzz_checkpoints import ENDS, MAX_SECONDS, fuzz
from zoo_core.config.zoo import open_zoo


def test_what_is_resumed_from_is_what_was_stored_or_rejected(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ends, slowest = fuzz(700, tmp_path, open_zoo())
    assert set(ends) <= set(ENDS), ends
    assert sum(ends.values()) == 700 and ends["equal"] > 100 and ends["rejected"] > 300
    assert slowest < MAX_SECONDS
