"""Intervals of figures: known values, properties, undefined cases, and how often they contain the true value."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from attrs import frozen

from zoo_core import Metric
from zoo_core.components.head import Head
from zoo_core.evaluation.evaluator import Evaluator, compute_metric
from zoo_core.evaluation.intervals.few_rows import expected_interval
from zoo_core.evaluation.intervals.figures import compute_figures
from zoo_core.evaluation.intervals.interval import format_figure, score_interval, wilson_interval
from zoo_core.evaluation.intervals.jackknife import leave_out_groups, leave_out_rows, skewed_errors
from zoo_core.evaluation.intervals.metrics import metric_interval
from zoo_core.evaluation.quantiles import student_quantile, student_quantile_series
from zoo_textbook.metrics.accumulators import CountAccumulator
from zoo_textbook.metrics.label_metrics import F1, Accuracy, LogLoss, Matthews, Precision, Recall
from zoo_textbook.metrics.probability_metrics import AveragePrecision, Brier, ExpectedCalibrationError, RocAUC

LABELS = (Accuracy(), Precision(), Recall(), F1(), F1(average="micro"), Matthews())
PROBABILITIES = (LogLoss(), RocAUC(), AveragePrecision(), Brier(), ExpectedCalibrationError())
STATSMODELS = [  # hits, rows, low, high of statsmodels 0.15.0, proportion_confint(hits, rows, method="wilson")
    (0, 10, 0.0, 0.27753279986288926),
    (1, 1, 0.2065493143772374, 1.0),
    (7, 10, 0.39677814746114537, 0.8922087325936989),
    (87, 90, 0.9065271396961013, 0.9885996097771937),
    (2302, 2408, 0.9470346915397712, 0.9634729174776835),
]


@frozen
class Kappa(Metric):
    """Agreement beyond chance, which knows nothing of intervals."""

    name = "kappa"
    response = "labels"
    higher_is_better = True
    range = (-1.0, 1.0)

    def build(self, head):
        return CountAccumulator(head, self.of_counts)

    @staticmethod
    def of_counts(counts):
        rows = counts.actual.sum()
        by_chance = float((counts.actual * counts.predicted).sum() / rows**2)
        return (float(counts.hits.sum() / rows) - by_chance) / max(1 - by_chance, 1e-9)


@frozen
class Margin(Metric):
    """The mean probability of the true class without a declared range."""

    name = "margin"
    response = "probabilities"
    higher_is_better = True

    def build(self, head):
        return Margins()


class Margins:
    def __init__(self):
        self.total, self.rows = 0.0, 0

    def update(self, predicted, targets):
        if len(targets) < 5:
            raise ValueError("expected five rows")
        self.total += float(predicted.gather(1, targets.unsqueeze(1)).sum())
        self.rows += len(targets)

    def compute(self):
        return self.total / self.rows


def sample(rows, classes=2, *, noise=1.2, seed=0):
    """Scores and true classes of a model that is mostly right."""
    random = torch.Generator().manual_seed(seed)
    targets = torch.randint(classes, (rows,), generator=random)
    scores = torch.randn(rows, classes, generator=random) * noise
    scores[torch.arange(rows), targets] += 2.0
    return scores, targets


def figures(scores, targets, metrics=(*LABELS, *PROBABILITIES), leaked=None):
    head = Head.of_classes([f"class {index}" for index in range(scores.shape[1])])
    return compute_figures(Evaluator(head, torch.nn.CrossEntropyLoss(), metrics), scores, targets, leaked)


@pytest.mark.parametrize(("hits", "rows", "low", "high"), STATSMODELS)
def test_proportions_have_the_intervals_of_statsmodels(hits, rows, low, high):
    found = wilson_interval(hits, rows)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize("degrees", [1, 2, 3, 5, 10, 39, 1000])
def test_the_series_of_students_quantile_is_that_of_scipy(degrees):
    assert student_quantile_series(degrees) == pytest.approx(student_quantile(degrees), rel=2e-3)


@pytest.mark.parametrize("classes", [2, 3, 14])
def test_every_metric_has_an_interval_that_contains_it_and_stays_in_its_range(classes):
    found = figures(*sample(300, classes), (*LABELS, *PROBABILITIES, Kappa(), Margin()))
    ranges = {"f1[micro]" if metric == LABELS[4] else metric.name: metric.range for metric in (*LABELS, *PROBABILITIES)}
    assert set(found.intervals) == set(found.metrics)
    for name, interval in found.intervals.items():
        low, high = ranges.get(name, (-math.inf, math.inf))
        assert interval is not None, name
        assert interval.high - interval.low > 0, name
        assert low <= interval.low <= interval.high <= high, name
        if name != "expected-calibration-error":  # chance makes it larger, and its interval knows
            assert interval.contains(found.metrics[name]), name


def test_intervals_narrow_with_more_rows():
    few, many = figures(*sample(200)), figures(*sample(3200))
    for name in few.intervals:
        widths = [found.intervals[name].high - found.intervals[name].low for found in (few, many)]
        assert 2 < widths[0] / widths[1] < 8, name


@pytest.mark.parametrize("classes", [2, 5])
def test_intervals_depend_neither_on_the_order_of_rows_nor_on_that_of_classes(classes):
    scores, targets = sample(250, classes)
    expected = figures(scores, targets)
    again = figures(scores, targets)
    assert again.intervals == expected.intervals
    order = torch.randperm(250, generator=torch.Generator().manual_seed(1))
    permuted = figures(scores[order], targets[order])
    symmetric = [F1(average="macro"), Accuracy(), Matthews(), LogLoss(), Brier(), RocAUC()]
    renamed = figures(scores.flip(1), classes - 1 - targets, symmetric)
    plain = figures(scores, targets, symmetric)
    for one, other in ((expected, permuted), (plain, renamed)):
        for name, interval in one.intervals.items():
            found = other.intervals[name]
            assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-6), name


def test_an_undefined_case_has_no_interval():
    scores, targets = sample(40)
    one_row = figures(scores[:1], targets[:1])
    assert set(one_row.intervals.values()) == {None}
    assert one_row.majority.interval is None
    of_one_class = figures(scores, torch.zeros_like(targets)).intervals
    undefined = {"roc-auc", "average-precision", "recall", "precision", "f1", "matthews"}
    assert {name for name, interval in of_one_class.items() if interval is None} == undefined
    few = figures(scores[:8], targets[:8], (Margin(),)).metrics
    assert few["margin"] > 0


@pytest.mark.parametrize("response", ["labels", "probabilities"])
def test_an_interval_of_its_own_is_used_and_clipped(response):
    class Own:
        def update(self, predicted, targets):
            self.rows = len(predicted)

        def compute(self):
            return 0.8

        def interval(self, level):
            return level / 2, self.rows

    @frozen
    class Share(Metric):
        name, higher_is_better, range = "own", True, (0.0, 1.0)

        def build(self, head):
            return Own()

    Share.response = response
    scores, targets = sample(50)
    found = metric_interval(Share(), Head.of_classes(["no", "yes"]), scores, targets, 0.8)
    assert (found.low, found.high) == (0.475, 1.0)


def test_a_metric_that_fails_without_some_rows_has_a_value_and_no_interval():
    scores, targets = sample(5)
    found = figures(scores, targets, (Margin(),))
    assert found.intervals["margin"] is None
    assert found.intervals["loss"] is not None


@pytest.mark.parametrize("metric", [Brier(), LogLoss()])
def test_without_a_wrong_row_a_mean_is_as_uncertain_as_the_probabilities_say(metric):
    """50 rows with a probability of 0.98: one is expected to be wrong, and none is."""
    head, targets = Head.of_classes(["no", "yes"]), torch.arange(50) % 2
    log_odds = math.log(0.98 / 0.02) + 0.01 * torch.arange(50) / 50
    scores = torch.stack([-log_odds, log_odds], dim=1) / 2 * (2 * targets - 1)[:, None]
    found = metric_interval(metric, head, scores, targets, compute_metric(metric, head, scores, targets))
    wrong = torch.cat([1 - targets[:1], targets[1:]])
    assert found.contains(compute_metric(metric, head, scores, wrong))


def test_the_spread_that_is_expected_is_for_means_over_few_rows_alone():
    scores, targets = sample(80)
    probabilities = scores.double().softmax(dim=1)

    def of_rows(rows, labels):
        return float(probabilities[rows].gather(1, labels[:, None]).mean())

    value = of_rows(slice(None), targets)
    found = expected_interval(of_rows, value, probabilities, targets, (0.0, 1.0))
    order = torch.randperm(80, generator=torch.Generator().manual_seed(1))
    of_others = expected_interval(
        lambda rows, labels: probabilities[order][rows].gather(1, labels[:, None]).mean().item(),
        value,
        probabilities[order],
        targets[order],
        (0.0, 1.0),
    )
    assert found == of_others and found.contains(value)
    assert (
        expected_interval(lambda rows, labels: of_rows(rows, labels) ** 2, value**2, probabilities, targets, (0, 1))
        is None
    )
    many = probabilities.repeat(9, 1), targets.repeat(9)
    assert expected_interval(of_rows, value, *many, (0.0, 1.0)) is None
    assert expected_interval(lambda rows, labels: 1 / 0, value, probabilities, targets, (0.0, 1.0)) is None


def test_a_perfect_model_is_not_certain():
    targets = torch.arange(60) % 3
    found = figures(torch.nn.functional.one_hot(targets, 3) * 20.0, targets)
    for name in ("accuracy", "f1", "precision", "recall", "matthews", "roc-auc", "average-precision"):
        interval = found.intervals[name]
        assert found.metrics[name] == pytest.approx(1), name
        assert interval.high == pytest.approx(1), name
        assert 0.5 < interval.low < 0.95, name


def test_the_recall_of_a_class_is_as_certain_as_a_share_of_its_rows():
    predicted, targets = torch.tensor([1] * 36 + [0] * 4 + [0] * 300 + [1] * 9), torch.tensor([1] * 40 + [0] * 309)
    scores = torch.nn.functional.one_hot(predicted, 2) * 3.0
    found = figures(scores, targets).intervals["recall"]
    expected = wilson_interval(36, 40)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_leaving_out_rows_is_the_textbook_variance_of_a_mean():
    values = torch.tensor([1.0, 2.0, 2.0, 5.0, 7.0, 7.0, 7.0]).double()
    codes = values.long()
    of_cells = leave_out_rows(lambda rows: [float(values[rows].mean())], codes)
    of_groups = leave_out_groups(lambda rows: [float(values[rows].mean())], [values.numpy()])
    for found in (of_cells, of_groups):
        assert found.variances[0] == pytest.approx(float(values.var()) / len(values))


def test_the_longer_error_is_on_the_side_of_the_rarer_larger_values():
    assert skewed_errors(2.0, 0.0, 40) == (2.0, 2.0)
    down, up = skewed_errors(2.0, 2.0, 40)
    assert down < 2.0 < up
    assert skewed_errors(2.0, -2.0, 40) == pytest.approx((up, down))


def test_the_figures_without_leaked_rows_are_those_of_the_others():
    scores, targets = sample(120)
    leaked = torch.arange(120) % 3 == 0
    found = figures(scores, targets, leaked=leaked)
    expected = figures(scores[~leaked], targets[~leaked])
    assert (found.leaked, found.without_leaked) == (40, expected)
    everything = figures(scores, targets, leaked=torch.ones(120, dtype=torch.bool))
    assert everything.without_leaked is None
    assert everything.without_leaked_dict() == {
        "leaked": 120,
        "rows": 0,
        "metrics": {},
        "intervals": {},
        "majority": None,
    }


def test_a_figure_is_short():
    assert format_figure(0.956, [0.947, 0.9642]) == "0.9560 (0.9470 to 0.9642)"
    assert format_figure(0.5, None) == "0.5000 (–)"
    assert len(format_figure(0.5, [0.1, 0.2])) == 25
    assert score_interval(0.5, 10, 0.0).low == 0.5


def true_values(draw, metrics):
    """The values of a very large sample."""
    return figures(*draw(200_000, 1), metrics).metrics


@pytest.mark.slow
@pytest.mark.parametrize("rows", [50, 300])
def test_the_intervals_contain_the_true_value_nineteen_times_in_twenty(rows):
    metrics = (Accuracy(), F1(average="macro"), RocAUC(), Brier())

    def draw(count, seed):
        return sample(count, noise=1.6, seed=seed)

    expected = true_values(draw, metrics)
    hits = dict.fromkeys(expected, 0)
    for seed in range(2, 402):
        found = figures(*draw(rows, seed), metrics)
        for name, interval in found.intervals.items():
            hits[name] += interval is not None and interval.contains(expected[name])
    assert min(hits.values()) >= 0.91 * 400, hits


def test_quick_coverage_of_a_third_party_metric():
    """Of 60 draws, at least 50 contain the true value; at a coverage of 95 % fewer are seen once in 10,000 times."""
    head = Head.of_classes(["a", "b", "c"])

    def kappa(scores, targets):
        return float(compute_metric(Kappa(), head, scores, targets))

    expected, found = kappa(*sample(50_000, 3, noise=1.6, seed=1)), []
    for seed in range(2, 62):
        drawn = sample(100, 3, noise=1.6, seed=seed)
        found.append(metric_interval(Kappa(), head, *drawn, kappa(*drawn)))
    assert sum(interval.contains(expected) for interval in found) >= 50
    assert np.mean([interval.high - interval.low for interval in found]) < 0.35
