"""Checks of what the scores of a row depend on: all of its features, and nothing else."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.inputs import make_bag
from zoo_core.testing.models.features import LONGEST, Features, all_features, width_of
from zoo_core.testing.models.modules import build_noisy, layouts_of, predict, size_of

RTOL, ATOL = 1e-3, 1e-4  # the latter for scores of size 1
MAX_ROWS_ALONE = 12  # rows of a batch that are also scored alone
WIDTHS = (4, 64, LONGEST)
SEEDS = (1, 2, 3)  # of the weights: with some, a feature may have no effect by chance
SHORT, OTHER_TOKENS = 9, (41, 50, 63)  # tokens of a short text, and those that each is replaced by
COMMON_TOKENS = 600  # at the start of two long texts


@register_check("model", "the scores of a row must not depend on the other rows of the batch")
def batch_equals_rows(subject: Subject) -> None:
    for where, batch in all_features(layouts_of(subject)):
        module = build_noisy(subject, width=width_of(batch))
        scores = predict(module, batch, where)
        for row in _some_rows(batch):
            alone = predict(module, batch.slice(row, row + 1), f"row {row} of {where} alone")
            assert alone.shape == scores[row : row + 1].shape, f"for a row of {where} the shape is {tuple(alone.shape)}"
            difference = _largest_difference(scores[row], alone[0])
            assert not difference, f"row {row} has other scores in a batch of {len(batch)} than alone: {difference}"
        order = torch.arange(len(batch)).flip(0)
        turned = predict(module, batch.take(order), where)
        what = f"for {where} the scores are others when the rows are in reverse order"
        assert_close(turned, scores[order], what, rtol=RTOL, atol=ATOL * size_of(scores))


def _some_rows(batch: Features) -> list[int]:
    """The first and the last row, the longest, the empty ones, and some between them."""
    lengths = batch.lengths()
    rows = {0, len(batch) - 1, int(lengths.argmax()), *(lengths == 0).nonzero().flatten().tolist()[:2]}
    return sorted(rows | set(range(1, len(batch), max(len(batch) // (MAX_ROWS_ALONE - 4), 1))))


def _largest_difference(scores: Tensor, others: Tensor) -> str:
    """ "0.31 against 0.29" where two rows of scores differ most; "" if they are close."""
    if torch.allclose(scores, others, rtol=RTOL, atol=ATOL * size_of(others), equal_nan=True):
        return ""
    at = int((scores - others).abs().nan_to_num(nan=torch.inf).argmax())
    return f"{float(scores[at]):.4g} against {float(others[at]):.4g}"


@register_check("model", "padding must not change the scores")
def ignores_padding(subject: Subject) -> None:
    if "sequence" not in layouts_of(subject):
        skip("it does not accept sequences")
    width = 64
    module = build_noisy(subject, width=width)
    for length in (0, 1, 2, 3, 5, 8, 20):
        short = torch.arange(length) % (width - 1) + 1
        for other in (length + 1, 40, LONGEST):
            both = _sequences(width, short, torch.arange(other) % (width - 1) + 1)
            padded, alone = predict(module, both)[0], predict(module, both.slice(0, 1))[0]
            difference = _largest_difference(padded, alone)
            text = f"a text of {length} tokens has other scores beside one of {other:,} tokens than alone"
            assert not difference, f"{text}: {difference}"


@register_check("model", "every token counts, also what comes late in a long text")
def uses_every_token(subject: Subject) -> None:
    if "sequence" not in layouts_of(subject):
        skip("it does not accept sequences")
    _check_positions(subject)
    width = 64
    start = torch.arange(COMMON_TOKENS) % 40 + 1
    rest = LONGEST - COMMON_TOKENS
    texts = [torch.cat([start, torch.full((rest,), token)]) for token in (41, 50, 63)]
    for seed in SEEDS:
        scores = predict(build_noisy(subject, width=width, seed=seed), _sequences(width, *texts), "for 1,000 tokens")
        if not (scores == scores[:1]).all():
            return
    raise AssertionError(
        f"texts of {LONGEST:,} tokens that differ after token {COMMON_TOKENS} have the same scores: it cuts long texts"
    )


def _check_positions(subject: Subject) -> None:
    """Fail if a token of a short text has no effect on the scores, whatever it is."""
    text, ineffective = torch.arange(1, SHORT + 1), set(range(SHORT))
    texts = [text.clone() for _ in range(SHORT * len(OTHER_TOKENS))]
    for row, changed in enumerate(texts):
        changed[row % SHORT] = OTHER_TOKENS[row // SHORT]
    for seed in SEEDS:
        scores = predict(build_noisy(subject, width=64, seed=seed), _sequences(64, *texts, text))
        is_same = (scores[:-1] == scores[-1:]).all(1).view(len(OTHER_TOKENS), SHORT).all(0)
        ineffective &= set(is_same.nonzero().flatten().tolist())
    position = min(ineffective, default=0) + 1
    assert not ineffective, f"token {position} of a text of {SHORT} tokens has no effect on the scores, whatever it is"


@register_check("model", "a feature without an effect on the scores is never learned")
def uses_every_feature(subject: Subject) -> None:
    for layout in layouts_of(subject):
        for width in WIDTHS:
            ineffective = set(range(1 if layout == "sequence" else 0, width))
            for seed in SEEDS:
                module = build_noisy(subject, width=width, seed=seed)
                ineffective &= _ineffective_features(module, layout, width)
                if not ineffective:
                    break
            text = f"{len(ineffective):,} of {width:,} features have no effect on the scores"
            assert not ineffective, f"{text}, as feature {min(ineffective, default=0)} ({layout})"
    if "bag" in layouts_of(subject):
        _check_last_entry(subject)


def _check_last_entry(subject: Subject) -> None:
    """Fail if the last feature of a row that has all of them does not count."""
    all_ids = torch.arange(LONGEST, dtype=torch.int32)
    for seed in SEEDS:
        module = build_noisy(subject, width=LONGEST, seed=seed).double()
        scores = [
            predict(module, Bag(ids, torch.tensor([0, len(ids)]), None, LONGEST)) for ids in (all_ids, all_ids[:-1])
        ]
        if not torch.equal(*scores):
            return
    raise AssertionError(f"the last of {LONGEST:,} features of a row has no effect on its scores (bag)")


def _ineffective_features(module: nn.Module, layout: str, width: int) -> set[int]:
    """The features that do not change the scores: a row of them has those of an empty row, or of its neighbor."""
    if layout == "sequence":
        texts = [torch.full((8,), token) for token in range(1, width)]
        scores = predict(module, _sequences(width, *texts, torch.zeros(0, dtype=torch.int64)))
        scores, empty = scores[:-1], scores[-1:]
        neighbors = torch.cat([scores[1:2], scores[:-1]])  # the one before, of the first the second
        same = (scores == neighbors).all(1) | (scores == empty).all(1)
        return {int(row) + 1 for row in same.nonzero().flatten()} if width > 2 else set()
    ids, ends = torch.arange(width, dtype=torch.int32), torch.arange(width + 2).clamp(max=width)
    bag = Bag(ids, ends, None, width)  # a row for each feature, and an empty one
    scores = predict(module, bag if layout == "bag" else Dense(bag.to_dense()))
    return {int(row) for row in (scores[:-1] == scores[-1:]).all(1).nonzero().flatten()}


def _sequences(width: int, *texts: Tensor) -> Sequence:
    offsets = torch.tensor([0, *map(len, texts)]).cumsum(0)
    return Sequence(torch.cat(texts).to(torch.int32), offsets, width)


@register_check("model", "a bag and its dense vector must give the same scores")
def bag_equals_dense(subject: Subject) -> None:
    if not {"bag", "dense"} <= set(layouts_of(subject)):
        skip("it does not accept both bag and dense")
    bags = {where: bag for where, bag in all_features(["bag"]) if isinstance(bag, Bag)}
    for where, bag in {"a bag with weights": make_bag(weighted=True), **bags}.items():
        module = build_noisy(subject, width=bag.width)
        of_dense = predict(module, Dense(bag.to_dense()))
        what = f"a bag has other scores than its dense form, for {where}"
        assert_close(predict(module, bag), of_dense, what, rtol=RTOL, atol=ATOL * size_of(of_dense))
