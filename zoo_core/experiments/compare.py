"""Two runs already trained, compared on the same rows."""

from __future__ import annotations

from typing import Any

import torch

from zoo_core.data.files.sources import Data
from zoo_core.errors import DataError, RecipeError
from zoo_core.experiments.analysis import Comparison, compare_variants, resolve_metric, score_trial, summarize_variant
from zoo_core.experiments.results import DEFAULT_MIN_EFFECT, default_metric
from zoo_core.experiments.wording import SentenceStyle, comparison_sentence
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.run import Run


def compare_runs(
    first: Run,
    second: Run,
    data: Data | None = None,
    *,
    split: str = "",
    reader: str = "",
    metric: str = "",
    min_effect: float = DEFAULT_MIN_EFFECT,
) -> dict[str, Any]:
    """The paired verdict on `second` against `first`, as `zoo compare --json` prints it.

    Rows are chosen as `Run.scored` does. RecipeError where the two were trained on different data or splits and no
    file is named, or tell different classes apart; DataError where they read different labels in it.
    """
    if data is None:
        _refuse_others(first, second)
    if first.head.classes != second.head.classes:
        raise RecipeError("the two runs tell different classes apart: they cannot be compared")
    plans = [first.plan, second.plan]
    name = metric or default_metric(first.plan)
    with attribute_errors(first.zoo.registry):
        chosen = resolve_metric(first.zoo.registry, name, plans)
        taken = [run.score_split(data, split=split, reader=reader) for run in (first, second)]
        scored = [(one.scores, one.loss_targets) for one in taken]
        if not torch.equal(scored[0][1], scored[1][1]):
            raise DataError("the two runs read different labels: they cannot be compared", where=taken[0].source)
        cells = [
            {(0, 0): score_trial(run.plan, run.head, chosen, *own, bootstrap=True)}
            for run, own in zip((first, second), scored, strict=True)
        ]
    higher = chosen is not None and chosen.higher_is_better
    names = [str(first.folder), str(second.folder)]
    (found,) = compare_variants(names, cells, higher_is_better=higher, parts=False)
    rows = "rows" if data is not None and not split else f"{split or 'test'} rows"
    words = SentenceStyle(higher, higher, min_effect, rows)
    standings = [_standing(name, own) for name, own in zip(names, cells, strict=True)]
    return {
        "metric": name,
        "runs": standings,
        "rows": found.rows,
        **_plain(found),
        "sentence": comparison_sentence(found, words),
    }


def _plain(found: Comparison) -> dict[str, Any]:
    one = found.result
    ends = {"low": one.interval.low, "high": one.interval.high}
    return {"difference": one.difference, **ends, "test": one.test, "p": one.p, "verdict": found.verdict}


def _standing(name: str, cells: Any) -> dict[str, Any]:
    cost = {"status": "done", "parameters": 0, "epochs": 0, "seconds": 0.0}
    found = summarize_variant(name, cells, [cost])
    assert found is not None
    return {"run": name, "mean": found.mean, "low": found.interval.low, "high": found.interval.high}


def _refuse_others(first: Run, second: Run) -> None:
    """RecipeError unless both runs have the same test rows."""
    hint = "name a file with --data FILE that neither was trained on"
    one, two = (run.summary["data"] for run in (first, second))
    if (one["sha256"], one["origin"]) != (two["sha256"], two["origin"]):
        raise RecipeError("the two runs were trained on different data", hint=hint)
    if first.plan.split != second.plan.split:
        raise RecipeError("the two runs split their data differently: one was trained on rows of the other", hint=hint)
