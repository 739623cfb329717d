"""Layouts against plain Python, and batches that have every row."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from tests.rows import shuffled
from zoo_core.evaluation.evaluator import predict_scores
from zoo_core.features.bag import Bag
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import derive_seed

WIDTH = 7
ragged = st.lists(st.lists(st.integers(0, WIDTH - 1), max_size=6), min_size=1, max_size=9)
LAYOUTS = ["bag", "weighted bag", "factored bag", "sequence", "dense"]


def of_rows(layout: str, rows: list[list[int]]):
    """Features of plain rows; the weight of an entry is the row's number, the dense value the row's length."""
    offsets = torch.tensor([0, *[len(row) for row in rows]]).cumsum(0)
    ids = torch.tensor([feature for row in rows for feature in row], dtype=torch.int32)
    if layout == "dense":
        return Dense(torch.tensor([[float(len(row)), float(sum(row)), at] for at, row in enumerate(rows)]))
    if layout == "sequence":
        return Sequence(ids, offsets, WIDTH)
    if layout == "factored bag":
        counts = torch.tensor([at % 256 for at, _ in enumerate(ids)], dtype=torch.uint8)
        return Bag(ids, offsets, counts, WIDTH, torch.arange(WIDTH) + 0.5, torch.arange(len(rows)) + 2.5)
    weights = torch.tensor([float(at) + 0.5 for at, row in enumerate(rows) for _ in row])
    return Bag(ids, offsets, weights if layout == "weighted bag" else None, WIDTH)


def plain_rows(features) -> list[tuple]:
    """Each row as plain values."""
    if isinstance(features, Dense):
        return [tuple(row) for row in features.values.tolist()]
    bounds = features.offsets.tolist()
    weights = features.weights_or_ones().tolist() if isinstance(features, Bag) else [None] * len(features.ids)
    entries = list(zip(features.ids.tolist(), weights, strict=True))
    return [tuple(entries[first:last]) for first, last in pairwise(bounds)]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(rows=ragged, data=st.data())
def test_take_and_slice_equal_those_of_a_list(layout, rows, data):
    features = of_rows(layout, rows)
    expected = plain_rows(features)
    assert len(features) == len(expected) == len(rows)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=12))
    assert plain_rows(features.take(torch.tensor(chosen, dtype=torch.int64))) == [expected[at] for at in chosen]
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(rows)), st.integers(0, len(rows)))))
    part = features.slice(start, stop)
    assert plain_rows(part) == expected[start:stop]
    assert plain_rows(part.take(torch.arange(len(part)).flip(0))) == expected[start:stop][::-1]
    assert plain_rows(features.to("cpu")) == expected
    assert features.lengths().tolist() == [3 if layout == "dense" else len(row) for row in rows]


@given(ragged, st.booleans())
def test_bag_to_dense(rows, weighted):
    bag = of_rows("weighted bag" if weighted else "bag", rows)
    expected = torch.zeros(len(rows), WIDTH)
    for at, row in enumerate(rows):
        for feature in row:
            expected[at, feature] += at + 0.5 if weighted else 1
    assert torch.equal(bag.to_dense(), expected)
    assert bag.row_ids().tolist() == [at for at, row in enumerate(rows) for _ in row]


@given(rows=ragged, weighted=st.booleans(), scaled=st.booleans(), normed=st.booleans())
def test_weights_are_the_product_of_factors(rows, weighted, scaled, normed):
    bag = of_rows("factored bag", rows)
    factors = {"weights": weighted, "scale": scaled, "norms": normed}
    bag = evolve(bag, **{name: None for name, present in factors.items() if not present})
    one = np.float32(1)
    expected = [
        (np.float32(at) if weighted else one)
        * (np.float32(feature + 0.5) if scaled else one)
        / (np.float32(row + 2.5) if normed else one)
        for at, (row, feature) in enumerate((row, feature) for row, ids in enumerate(rows) for feature in ids)
    ]
    assert bag.weights_or_ones().tolist() == expected
    assert (bag.weights is None) is not any(factors.values())
    taken = bag.take(torch.arange(len(rows)))  # what a batch holds
    assert taken.scale is None
    assert taken.weights_or_ones().tolist() == expected


@given(ragged, st.data())
def test_uint16_ids_are_converted_to_int32(rows, data):
    wide = of_rows("weighted bag", rows)
    shift = (1 << 16) - WIDTH  # ids above those of int16, up to the last of uint16
    wide = evolve(wide, ids=wide.ids + shift, width=1 << 16)
    narrow = evolve(wide, ids=wide.ids.to(torch.uint16))
    order = data.draw(st.permutations(range(len(rows))))
    start = data.draw(st.integers(0, len(rows)))
    for narrow_bag, wide_bag in (
        (narrow, wide),
        (narrow.take(torch.tensor(order, dtype=torch.int64)), wide.take(torch.tensor(order, dtype=torch.int64))),
        (narrow.slice(start, len(rows)), wide.slice(start, len(rows))),
        (narrow.to("cpu"), wide),
    ):
        assert narrow_bag.ids.dtype == torch.int32
        assert torch.equal(narrow_bag.ids, wide_bag.ids) and torch.equal(
            narrow_bag.weights_or_ones(), wide_bag.weights_or_ones()
        )
        assert torch.equal(narrow_bag.row_ids(), wide_bag.row_ids()) and torch.equal(
            narrow_bag.offsets, wide_bag.offsets
        )


@given(ragged, st.integers(0, 9))
def test_padded_sequence(rows, min_width):
    ids, lengths = of_rows("sequence", rows).padded(to=min_width)
    longest = max(min_width, 1, *map(len, rows))
    assert ids.tolist() == [row + [0] * (longest - len(row)) for row in rows]
    assert (ids.dtype, lengths.tolist()) == (torch.int64, [len(row) for row in rows])


def encoded(layout: str, count: int) -> EncodedSplit:
    rows = [[at % WIDTH] * (at * 7 % 5) for at in range(count)]
    return EncodedSplit(of_rows(layout, rows), torch.arange(count))


@pytest.mark.parametrize("layout", LAYOUTS)
@given(count=st.integers(1, 300), batch_size=st.integers(1, 40), epoch=st.one_of(st.none(), st.integers(0, 3)))
def test_epoch_has_each_row_once(layout, count, batch_size, epoch):
    split = encoded(layout, count)
    batches = list(shuffled(split, batch_size=batch_size, epoch=epoch, seed=1))
    assert len(batches) == split.steps(batch_size)
    assert all(len(batch) == batch_size for batch in batches[:-1])
    assert len(batches[-1]) > 1 or 1 in (batch_size, count)
    assert len(batches[-1]) <= batch_size + 1
    rows = torch.cat([batch.rows for batch in batches])
    assert sorted(rows.tolist()) == list(range(count))
    assert torch.equal(torch.cat([batch.targets for batch in batches]), rows)
    expected = plain_rows(split.features)
    assert [row for batch in batches for row in plain_rows(batch.features)] == [expected[row] for row in rows.tolist()]
    assert epoch is not None or rows.tolist() == list(range(count))


@pytest.mark.parametrize("layout", ["bag", "sequence"])
def test_shuffle_depends_on_seed_and_epoch(layout):
    def order(**options):
        return [row for batch in shuffled(encoded(layout, 200), batch_size=7, **options) for row in batch.rows.tolist()]

    assert order(epoch=1, seed=1) == order(epoch=1, seed=1)
    different = [order(epoch=epoch, seed=seed) for epoch in (1, 2) for seed in (1, 2)]
    assert len({tuple(rows) for rows in different}) == 4
    if layout == "bag":
        plain_order = torch.randperm(200, generator=torch.Generator().manual_seed(derive_seed(1, "shuffle", 1)))
        assert order(epoch=1, seed=1) == plain_order.tolist()


@pytest.mark.parametrize("layout", ["bag", "sequence"])
@given(count=st.integers(1, 150), world=st.integers(1, 5), epoch=st.one_of(st.none(), st.just(2)))
@example(count=1, world=5, epoch=None)
def test_processes_share_an_epoch_evenly(layout, count, world, epoch):
    split = encoded(layout, count)
    shares = []
    for rank in range(world):
        batches = list(shuffled(split, batch_size=8, epoch=epoch, seed=3, rank=rank, world=world))
        assert len(batches) == split.steps(8, world=world)
        shares.append([row for batch in batches for row in batch.rows.tolist()])
    assert {len(share) for share in shares} == {-(-count // world)}
    counts = [sum(share.count(row) for share in shares) for row in range(count)]
    assert max(counts) - min(counts) <= 1 <= min(counts)
    assert sum(counts) - count == -count % world


def test_batches_of_sequences_have_similar_lengths():
    lengths = torch.randint(1, 100, (2000,), generator=torch.Generator().manual_seed(1)).tolist()
    split = EncodedSplit(of_rows("sequence", [[1] * length for length in lengths]), torch.arange(2000))
    batches = [batch.features.lengths().tolist() for batch in shuffled(split, batch_size=10, epoch=1, seed=1)]
    spread = sum(max(lengths) - min(lengths) for lengths in batches) / len(batches)
    assert spread < 5  # of 100 for random rows
    first = [lengths[0] for lengths in batches]
    assert first[:50] != sorted(first[:50])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_predict_scores_keeps_the_order(layout):
    split = encoded(layout, 100)

    class Lengths(torch.nn.Module):
        def forward(self, features):
            return features.lengths().float().unsqueeze(1)

    scores = predict_scores(Lengths(), split.features, batch_rows=7)
    assert scores.squeeze(1).tolist() == split.features.lengths().tolist()
