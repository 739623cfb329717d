"""Damaged run folders, sealed again, are opened or rejected; `benchmarks/fuzz_run_folders.py` tries many more."""

from __future__ import annotations

from functools import lru_cache

import pytest

from benchmarks.fuzz_run_folders import MAX_SECONDS, fuzz
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import open_zoo
from zoo_core.runs import schemas


@pytest.mark.slow
def test_damaged_runs_are_opened_or_rejected(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(schemas, "parse_toml", lru_cache(parse_toml))  # most of the time: few inputs change the recipe
    ends, slowest = fuzz(700, tmp_path, open_zoo(), is_quick=True)
    assert set(ends) == {"opened", "rejected"}, ends
    assert sum(ends.values()) == 700
    assert slowest < MAX_SECONDS
