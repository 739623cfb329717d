"""False verdicts: simulated variants of equal quality, judged by the functions of `zoo swap` and `zoo compare`.

Each row has a difficulty that all variants share, a part of its own for each variant and a part for each training; each
training has an effect on all of its rows. The parts of all variants have the same distribution, so that every reported
difference is false. With `--effect` the first variant is better, and the rate is the power. No model is trained: the
trained counterpart is `false_positives`.

python -m benchmarks.false_verdicts --tries 2000
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.experiments.analysis import compare_variants
from zoo_core.experiments.scoring import FOLD_SAMPLES, PairKey, TrialScores

Metric = Literal["accuracy", "f1", "loss"]
Scores = dict[PairKey, TrialScores]
FOLDS, ROWS, SEEDS, VARIANTS = (1, 2, 3, 5, 10), (8, 20, 41, 100, 1000), (1, 2, 3, 5, 7), (2, 7)
SAMPLES = 400  # of the bootstrap, fewer than in `zoo swap` to save time
MAX_VALUES = 3000  # folds × rows × seeds of a cell
TRAINING_SHARE = 0.85  # of the rows outside a fold


@frozen
class Population:
    """Standard deviations of the parts of a row's score, and the score that all rows have in common.

    A row is right if its score is positive. `shared` is the part of a training that all folds and seeds of a variant
    have in common; with it, the null hypothesis is that variants are equal over training sets.
    """

    name: str
    base: float = 1.0
    row: float = 1.0
    variant: float = 0.5
    noise: float = 0.5
    training: float = 0.1
    shared: float = 0.0


POPULATIONS = (
    Population("usual"),
    Population("high accuracy", base=2.5),
    Population("unlike models", base=0.3, row=0.3, variant=1.0),
    Population("unstable training", training=0.3),
    Population("almost equal models", variant=0.2, noise=0.1, training=0.0),
)


@frozen
class Design:
    """How variants are judged: the folds (1 for a validation split), the rows of each, seeds and variants."""

    folds: int
    rows: int
    seeds: int
    variants: int
    metric: Metric


def simulate(design: Design, population: Population, random: np.random.Generator, effect: float = 0.0) -> list[Scores]:
    """The scores of every trial of each variant; the first variant is better by `effect`."""
    shape = (design.variants, design.folds, design.seeds, design.rows)
    variants, folds, seeds, rows = shape
    score = population.base + population.row * random.standard_normal((1, folds, 1, rows))
    score = score + population.variant * random.standard_normal((variants, folds, 1, rows))
    score = score + population.noise * random.standard_normal(shape)
    if folds * seeds > 1:  # one training each compares models: an effect of training is a difference
        score = score + population.training * random.standard_normal((variants, folds, seeds, 1))
    score = score + population.shared * random.standard_normal((variants, 1, 1, 1))
    score[0] += effect
    positive = random.random((folds, rows)) < 0.5
    train_rows = round(TRAINING_SHARE * rows * (folds - 1)) or 4 * rows
    return [
        {
            (seed, fold + (folds > 1)): _trial(score[at, fold, seed], positive[fold], design, train_rows)
            for fold, seed in itertools.product(range(folds), range(seeds))
        }
        for at in range(variants)
    ]


def _trial(score: NDArray[Any], positive: NDArray[np.bool_], design: Design, train_rows: int) -> TrialScores:
    correct, rows = score > 0, len(score)
    if design.metric == "accuracy":
        return TrialScores(float(correct.mean()), rows, train_rows, correct=correct, value_range=(0.0, 1.0))
    weights = _resampled(rows, FOLD_SAMPLES if design.folds > 1 else SAMPLES)
    if design.metric == "loss":
        losses = np.log1p(np.exp(-2 * score))
        return TrialScores(float(losses.mean()), rows, train_rows, bootstrap_values=weights @ losses / rows)
    called = correct == positive
    hits, total = (called & positive).astype(float), called.astype(float) + positive
    values = [2 * (one @ hits) / np.maximum(one @ total, 1) for one in (np.ones((1, rows)), weights)]
    return TrialScores(float(values[0][0]), rows, train_rows, bootstrap_values=values[1], value_range=(0.0, 1.0))


_weights: dict[tuple[int, int], NDArray[Any]] = {}


def _resampled(rows: int, samples: int) -> NDArray[Any]:
    """How often each row is in each bootstrap sample `(samples, rows)`: the same for every trial, as in `zoo swap`."""
    if (rows, samples) not in _weights:
        _weights[rows, samples] = np.random.default_rng(0).multinomial(rows, np.full(rows, 1 / rows), samples) * 1.0
    return _weights[rows, samples]


def verdict_rate(
    design: Design, population: Population, tries: int, *, seed: int = 0, effect: float = 0.0
) -> tuple[float, float]:
    """The share of tries with at least one verdict, and its standard error at a rate of 5 %."""
    random = np.random.default_rng([seed, design.folds, design.rows, design.seeds, design.variants])
    names = [f"variant {number}" for number in range(design.variants)]
    shown = 0
    for _ in range(tries):
        scores = simulate(design, population, random, effect)
        comparisons = compare_variants(names, scores, higher_is_better=design.metric != "loss")
        shown += any(comparison.verdict != "not shown" for comparison in comparisons)
    return shown / tries, math.sqrt(0.05 * 0.95 / tries)


def designs() -> Iterator[Design]:
    """Every design of the grid that is not too large."""
    for metric, variants, folds, rows, seeds in itertools.product(
        ("accuracy", "f1", "loss"), VARIANTS, FOLDS, ROWS, SEEDS
    ):
        if folds * rows * seeds <= MAX_VALUES:
            yield Design(folds, rows, seeds, variants, metric)


def main() -> None:
    """Print the rate of false verdicts of each design, its worst population, and the designs above 5 %."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--effect", type=float, default=0.0, help="of the first variant: the rate is then the power")
    parser.add_argument("--metric", choices=["accuracy", "f1", "loss"])
    parser.add_argument("--variants", type=int, choices=VARIANTS)
    options = parser.parse_args()
    above = []
    print("metric    variants folds  rows seeds    rate  population of the highest rate")
    for design in designs():
        if options.metric not in (None, design.metric) or options.variants not in (None, design.variants):
            continue
        rates = [(*verdict_rate(design, one, options.tries, effect=options.effect), one.name) for one in POPULATIONS]
        rate, _, name = max(rates)
        cell = f"{design.metric:9} {design.variants:8} {design.folds:5} {design.rows:5} {design.seeds:5}"
        print(f"{cell} {rate:7.1%}  {name}", flush=True)
        above += [(design, found, where) for found, error, where in rates if found > 0.05 + 2 * error]
    print(f"{len(above)} above 5 % by more than two standard errors")
    for design, rate, name in above:
        print(f"  {rate:.1%} {design} {name}")


if __name__ == "__main__":
    main()
