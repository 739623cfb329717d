"""How often the 95% intervals of figures contain the true value, and what they cost.

Each model scores rows that are drawn anew many times; the true value of a figure is that of a very large draw. An
interval that is undefined counts as "none", not as a miss.

python -m benchmarks.interval_coverage --draws 2000
"""

from __future__ import annotations

import argparse
import math
import time

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.evaluation.evaluator import Evaluator
from zoo_core.evaluation.intervals.interval import Interval

ROWS = (50, 300, 2400)
TRUE_ROWS = 1_000_000


@frozen
class Model:
    """A model of classes with these `shares`, whose scores lie `distance` apart and are `sharpness` times too large."""

    about: str
    shares: tuple[float, ...]
    distance: float
    sharpness: float = 1.0

    def draw(self, rows: int, seed: int) -> tuple[Tensor, Tensor]:
        """Scores `(rows, classes)`, log-probabilities up to their sharpness, and true classes `(rows,)`."""
        random = torch.Generator().manual_seed(seed)
        shares = torch.tensor(self.shares, dtype=torch.float64)
        targets = torch.multinomial(shares, rows, replacement=True, generator=random)
        seen = torch.randn(rows, len(shares), generator=random, dtype=torch.float64)
        seen[torch.arange(rows), targets] += self.distance
        return ((self.distance * seen + shares.log()) * self.sharpness).float(), targets


MODELS = (
    Model("2 even classes, accuracy 0.86", (0.5, 0.5), 1.5),
    Model("2 even classes, accuracy 0.98", (0.5, 0.5), 3.0),
    Model("2 even classes, overconfident", (0.5, 0.5), 1.5, 2.0),
    Model("2 classes, 10% and 90%", (0.9, 0.1), 2.0),
    Model("2 classes, 5% and 95%, overconfident", (0.95, 0.05), 2.0, 1.5),
    Model("6 even classes", (1 / 6,) * 6, 2.0),
    Model("12 classes, 0.3% to 32%", tuple(1 / (rank**1.9) for rank in range(1, 13)), 2.5),
)


def find_metrics() -> tuple[Metric, ...]:
    """The metrics that are measured, all from plugins."""
    registry = open_zoo().registry
    named: list[object] = ["accuracy", {"use": "f1", "average": "macro"}, "f1", "matthews"]
    named += ["roc-auc", "average-precision", "brier", "expected-calibration-error"]
    return tuple(build_component(registry, "metric", name) for name in named)  # type: ignore[misc]


def measure(
    model: Model, rows: int, draws: int, metrics: tuple[Metric, ...], seed: int
) -> dict[str, tuple[float, ...]]:
    """For each figure the share of intervals with the true value, their mean width, and the share without one."""
    head = Head.of_classes([f"class {index}" for index in range(len(model.shares))])
    evaluator = Evaluator(head, nn.CrossEntropyLoss(), metrics)
    expected = evaluator.from_scores(*model.draw(TRUE_ROWS, seed))
    found: dict[str, list[Interval | None]] = {name: [] for name in expected}
    for number in range(draws):
        scores, targets = model.draw(rows, seed + 1 + number)
        values = evaluator.from_scores(scores, targets)
        for name, interval in evaluator.intervals(scores, targets, values).items():
            found[name].append(interval)
    results = {}
    for name, intervals in found.items():
        known = [interval for interval in intervals if interval is not None]
        hits = sum(interval.contains(expected[name]) for interval in known)
        width = sum(interval.high - interval.low for interval in known)
        count = max(len(known), 1)
        results[name] = (hits / count, width / count, 1 - len(known) / draws)
    return results


def print_times(metrics: tuple[Metric, ...]) -> None:
    """Print the seconds of the intervals of the loss and of each metric."""
    for rows in (2400, 100_000):
        scores, targets = MODELS[0].draw(rows, 0)
        head = Head.of_classes(["no", "yes"])
        for chosen in (metrics[:1], metrics[:3], *((metric,) for metric in metrics[3:])):
            evaluator = Evaluator(head, nn.CrossEntropyLoss(), chosen)
            values = evaluator.from_scores(scores, targets)
            best = math.inf
            for _ in range(3):
                start = time.perf_counter()
                evaluator.intervals(scores, targets, values)
                best = min(best, time.perf_counter() - start)
            print(f"{rows:>7} rows: loss and {', '.join(metric.name for metric in chosen)}: {1000 * best:.1f} ms")


def main() -> None:
    """Print a line for each model, number of rows and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    parser.add_argument("--only-times", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    metrics = find_metrics()
    if not options.only_times:
        for model in MODELS:
            for rows in options.rows:
                for name, (share, width, none) in measure(model, rows, options.draws, metrics, 10**6).items():
                    empty = f"  none {none:.1%}" if none else ""
                    print(f"{model.about:<38}{rows:>6}  {name:<28}{share:7.1%}  width {width:.3f}{empty}", flush=True)
    print_times(metrics)


if __name__ == "__main__":
    main()
