"""Results by set and draw: kept in a file, compared, and printed as a table."""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.small.files import read_splits
from benchmarks.small.peers import run_peer

Result = dict[str, Any]
WIDTH = 26


class KeptResults:
    """Results of peers in a JSON file, by set, draw and peer; those of another version of a file are not used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.results: dict[str, dict[str, dict[str, Result]]] = (
            json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        )

    def get(self, file: Path, peer: str, measure: Callable[[], Result]) -> Result:
        """Return the kept result, or measure it and keep it."""
        name, _, draw = file.stem.rpartition("-")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        kept = self.results.setdefault(name, {}).setdefault(draw, {})
        if kept.get(peer, {}).get("file") != digest:
            kept[peer] = {**measure(), "file": digest}
            part = self.path.with_suffix(".part")
            part.write_text(json.dumps(self.results, indent=1) + "\n", encoding="utf-8")
            part.replace(self.path)
        return kept[peer]


def peer_results(file: Path, kept: KeptResults, peers: Sequence[str]) -> dict[str, Result]:
    """Return the results of these peers on a file."""
    return {name: kept.get(file, name, lambda name=name: run_peer(name, read_splits(file))) for name in peers}


def recipe_result(file: Path, recipe: str, changes: Sequence[str]) -> Result:
    """Train a recipe on a file in this process and return its accuracies and seconds."""
    import zoo_core

    plan = zoo_core.load_recipe(recipe).override(*changes)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run = zoo_core.train(plan, file, run=f"{folder}/run")
        seconds = time.perf_counter() - started
    metrics = run.summary["metrics"]
    return {"val": metrics["val"]["accuracy"], "test": metrics["test"]["accuracy"], "seconds": seconds}


def summarize(draws: Sequence[dict[str, Result]], recipe: str) -> dict[str, float]:
    """Return the median test accuracies of a set over its draws, and the recipe's lead over the better peer."""
    medians = {name: statistics.median(draw[name]["test"] for draw in draws) for name in draws[0]}
    peers = [name for name in medians if name != recipe]
    better = max(medians[name] for name in peers)
    leads = [draw[recipe]["test"] - max(draw[name]["test"] for name in peers) for draw in draws]
    return {
        **medians,
        "lead": medians[recipe] - better,
        "mean lead": statistics.fmean(leads),
        "seconds": statistics.median(draw[recipe]["seconds"] for draw in draws),
    }


def format_header(names: Sequence[str]) -> str:
    """Return the head of the table."""
    columns = "".join(f"{name:>14}" for name in names)
    return f"{'set':{WIDTH}}{'train':>7}{'classes':>9}{columns}{'lead':>8}{'mean':>8}{'seconds':>9}"


def format_row(name: str, train: int, classes: int, summary: dict[str, float], names: Sequence[str]) -> str:
    """Return a line of the table; leads are in points."""
    accuracies = "".join(f"{summary[key]:14.4f}" for key in names)
    leads = f"{100 * summary['lead']:+8.2f}{100 * summary['mean lead']:+8.2f}"
    return f"{name:{WIDTH}}{train:7}{classes:9}{accuracies}{leads}{summary['seconds']:9.2f}"


def format_end(summaries: dict[str, dict[str, float]]) -> str:
    """Return the mean and the worst lead of all sets."""
    lines = []
    for key, words in (("lead", "difference of medians"), ("mean lead", "mean difference of draws")):
        worst = min(summaries, key=lambda name: summaries[name][key])
        mean = statistics.fmean(summary[key] for summary in summaries.values())
        lines.append(
            f"{words}: mean {100 * mean:+.2f} points over {len(summaries)} sets, "
            f"worst {100 * summaries[worst][key]:+.2f} ({worst})"
        )
    return "\n".join(lines)
