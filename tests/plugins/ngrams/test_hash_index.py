"""Where keys stand in a column, against a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zoo_ngrams.hash_index import ODD, Index

KEY = st.one_of(st.integers(0, 40), st.integers(0, 2**62))


@given(keys=st.lists(KEY, unique=True, max_size=60), asked=st.lists(KEY, max_size=60))
def test_the_position_of_every_key_and_of_no_other(keys, asked):
    where = {key: at for at, key in enumerate(keys)}
    asked += keys
    index = Index.of(np.array(keys, dtype=np.int64))
    found = index.positions(np.array(asked, dtype=np.int64))
    assert found.tolist() == [where.get(key, -1) for key in asked]


def test_keys_that_lie_close_or_far_apart():
    for keys in (np.arange(50_000), np.arange(50_000) << 40, (np.arange(50_000) << 20) * 3 + 1):
        index = Index.of(keys)
        assert np.array_equal(index.positions(keys[::-1].copy()), np.arange(50_000)[::-1])
        assert (index.positions(keys + keys.max() + 1) == -1).all()
        assert sum(level.table.nbytes for level in index.levels) < 50 * len(keys)  # a few places for each key


def test_keys_that_all_find_one_place_taken_are_spread_by_the_next_table():
    """As whoever writes them into a run folder may choose them: a table for each key would take hours."""
    inverse = pow(ODD, -1, 1 << 64)
    keys = np.array([key for at in range(1, 1 << 13) if (key := inverse * at % (1 << 64)) < 1 << 63])
    index = Index.of(keys)
    assert np.array_equal(index.positions(keys), np.arange(len(keys)))
    assert len(index.levels) < 9
