"""Rows of several windows: copied, sliced and sorted as rows; their scores are the means of those of the windows."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.evaluation import evaluator
from zoo_core.evaluation.evaluator import predict_scores
from zoo_core.features.batches import EncodedSplit, spans_of_tokens
from zoo_core.features.layouts import Sequence
from zoo_core.features.module_scores import module_scores
from zoo_core.seeds import make_generator

WIDTH = 9
ROWS = [[[1, 2, 3], [3, 4]], [[]], [[5]], [[8, 8], [7, 7], [6, 6, 6, 6]], [[1, 2, 3, 4, 5]]]


def of_windows(rows: list[list[list[int]]]) -> Sequence:
    windows = [window for row in rows for window in row]
    ids = torch.tensor([id for window in windows for id in window], dtype=torch.int32)
    offsets = torch.tensor([0, *map(len, windows)]).cumsum(0)
    return Sequence(ids, offsets, WIDTH, torch.tensor([0, *map(len, rows)]).cumsum(0))


def plain(features: Sequence) -> list[list[list[int]]]:
    assert features.windows is not None
    flat = features.each_window()
    windows = [flat.ids[first:last].tolist() for first, last in zip(flat.offsets, flat.offsets[1:], strict=False)]
    return [windows[first:last] for first, last in zip(features.windows, features.windows[1:], strict=False)]


class Order(nn.Module):
    """Scores that depend on the order of ids, in float64 so that sums are exact."""

    def forward(self, features: Sequence) -> Tensor:
        ids, lengths = features.padded()
        places = torch.arange(1, ids.shape[1] + 1, dtype=torch.float64)
        return torch.stack([(ids * places).sum(dim=1), lengths.double()], dim=1)


def test_rows_are_copied_and_sliced_with_their_windows():
    features = of_windows(ROWS)
    assert len(features) == len(ROWS)
    assert plain(features.take(torch.tensor([3, 0, 3, 1]))) == [ROWS[at] for at in (3, 0, 3, 1)]
    assert plain(features.slice(1, 4)) == ROWS[1:4]
    assert plain(features.take(torch.tensor([3, 0])).slice(1, 2)) == [ROWS[0]]
    assert plain(features.to("cpu")) == ROWS
    assert features.lengths().tolist() == [5, 0, 1, 8, 5]
    assert features.longest().tolist() == [3, 0, 1, 4, 5]
    assert features.num_windows().tolist() == [2, 1, 1, 3, 1]


def test_the_scores_of_a_row_are_the_means_of_those_of_its_windows():
    features = of_windows(ROWS)
    expected = torch.stack([torch.stack([alone(window) for window in row]).mean(dim=0) for row in ROWS])
    torch.testing.assert_close(module_scores(Order(), features).double(), expected, rtol=1e-6, atol=0)
    torch.testing.assert_close(predict_scores(Order(), features).double(), expected, rtol=1e-6, atol=0)


def alone(window: list[int]) -> Tensor:
    ids = torch.tensor(window, dtype=torch.int32)
    return Order()(Sequence(ids, torch.tensor([0, len(window)]), WIDTH))[0]


def test_gradients_reach_each_window_by_its_share():
    scores = torch.ones(8, 2, requires_grad=True)
    module_scores(lambda features: scores, of_windows(ROWS))[0].sum().backward()
    assert scores.grad[:, 0].tolist() == [0.5, 0.5, 0, 0, 0, 0, 0, 0]


def test_batches_of_a_prediction_are_limited_by_their_tokens(monkeypatch):
    monkeypatch.setattr(evaluator, "SEQUENCE_TOKENS", 12)
    shapes = []

    class Watched(Order):
        def forward(self, features):
            shapes.append(tuple(features.padded()[0].shape))
            return super().forward(features)

    features = of_windows([*ROWS, [list(range(1, 9)) * 3]])
    torch.testing.assert_close(predict_scores(Watched(), features), predict_scores(Order(), features))
    assert shapes == [(4, 3), (3, 4), (1, 5), (1, 24)]


def test_a_batch_has_at_most_so_many_rows():
    features = of_windows([[[1, 2]]] * 5)
    assert list(spans_of_tokens(features, max_rows=2, max_tokens=100)) == [(0, 2), (2, 4), (4, 5)]
    assert list(spans_of_tokens(features, max_rows=5, max_tokens=4)) == [(0, 2), (2, 4), (4, 5)]


def test_little_of_a_batch_is_padding():
    """Lengths as those of reviews: log-normal, and cut at a limit."""
    generator = make_generator(1, "lengths")
    lengths = torch.empty(8000).log_normal_(4.4, 0.8, generator=generator).long().clamp(1, 300)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)])
    features = Sequence(torch.ones(int(offsets[-1]), dtype=torch.int32), offsets, 2)
    split = EncodedSplit(features, torch.zeros(8000, dtype=torch.int64))
    order = torch.randperm(8000, generator=generator)
    batches = list(split.batches(batch_size=64, order=order, generator=generator))
    assert sum(len(batch.features.ids) for batch in batches) == len(features.ids)
    assert padding_of([batch.features.padded() for batch in batches]) < 0.05
    predicted = []

    class Watched(Order):
        def forward(self, features):
            predicted.append(features.padded())
            return super().forward(features)

    for part in (features, features.slice(0, 2000)):
        predicted.clear()
        predict_scores(Watched(), part)
        assert padding_of(predicted) < 0.05


def padding_of(padded: list[tuple[Tensor, Tensor]]) -> float:
    """The share of places that are padding."""
    return 1 - sum(int(lengths.sum()) for _, lengths in padded) / sum(ids.numel() for ids, _ in padded)
