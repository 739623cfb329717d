"""The hash index against a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zoo_ngrams.hash_index import GOLDEN_MULTIPLIER, MISSING, HashIndex

KEY = st.one_of(st.integers(0, 40), st.integers(0, 2**62))


@given(keys=st.lists(KEY, unique=True, max_size=60), asked=st.lists(KEY, max_size=60))
def test_finds_every_key_and_no_other(keys, asked):
    positions = {key: position for position, key in enumerate(keys)}
    asked = [*asked, *keys]
    index = HashIndex.build(np.array(keys, dtype=np.int64))
    assert index.positions(np.array(asked, dtype=np.int64)).tolist() == [positions.get(key, MISSING) for key in asked]


def test_dense_and_sparse_keys():
    for keys in (np.arange(50_000), np.arange(50_000) << 40, (np.arange(50_000) << 20) * 3 + 1):
        index = HashIndex.build(keys)
        assert np.array_equal(index.positions(keys[::-1].copy()), np.arange(50_000)[::-1])
        assert (index.positions(keys + keys.max() + 1) == MISSING).all()
        assert sum(level.table.nbytes for level in index.levels) < 50 * len(keys)  # a few slots per key


def test_colliding_keys_are_spread_by_the_next_table():
    """An attacker may choose such keys in a run folder: one table per key would take hours."""
    inverse = pow(GOLDEN_MULTIPLIER, -1, 1 << 64)
    keys = np.array([key for i in range(1, 1 << 13) if (key := inverse * i % (1 << 64)) < 1 << 63])
    index = HashIndex.build(keys)
    assert np.array_equal(index.positions(keys), np.arange(len(keys)))
    assert len(index.levels) < 9
