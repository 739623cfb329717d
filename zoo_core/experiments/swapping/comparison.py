"""`compare`: the comparison of trained runs, with the arguments of `zoo compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from zoo_core.config.zoo import Zoo
from zoo_core.data.files.sources import Data
from zoo_core.errors import RecipeError
from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.experiments.compare import compare_runs
from zoo_core.experiments.results import DEFAULT_MIN_EFFECT
from zoo_core.runs.load import open_run
from zoo_core.runs.run import Run

COMPARED_KEYS = ("difference", "p", "verdict")


@frozen(eq=False, repr=False)
class ComparedRuns(ShownAsTable):
    """Compared runs, which print as a table; `values` is what `zoo compare --json` prints."""

    values: Mapping[str, Any]

    def frame(self) -> pl.DataFrame:
        """A row for each run: its mean and interval, and its comparison with the first."""
        compared = [{}, *({key: one.get(key) for key in COMPARED_KEYS} for one in self.values["comparisons"])]
        rows = [{**run, **one} for run, one in zip(self.values["runs"], compared, strict=True)]
        return pl.DataFrame(rows, infer_schema_length=None).rename({"mean": str(self.values["metric"])})

    @property
    def sentences(self) -> tuple[str, ...]:
        """The result of each comparison with the first run in a sentence."""
        return tuple(one["sentence"] for one in self.values["comparisons"])


def compare(
    *runs: Run | str | PathLike[str] | Iterable[Run | str | PathLike[str]],
    data: Data | None = None,
    on: str = "",
    metric: str = "",
    min_effect: float = DEFAULT_MIN_EFFECT,
    reader: str = "",
    zoo: Zoo | None = None,
) -> ComparedRuns:
    """Test whether each run is better than the first on the same rows, and by how much.

    Runs may be named by their folders, and may be in a list. `data` and `on` select rows as in `Run.evaluate`; without
    them, the rows are the test rows of the data that all runs were trained on. Raises RecipeError for runs that cannot
    be compared.
    """
    if not min_effect > 0:
        raise RecipeError(f"invalid min_effect: got {min_effect}, expected a number above 0")
    named = [run for one in runs for run in ([one] if isinstance(one, Run | str | PathLike) else one)]
    opened = [run if isinstance(run, Run) else open_run(Path(run), zoo=zoo) for run in named]
    return ComparedRuns(compare_runs(*opened, data=data, split=on, reader=reader, metric=metric, min_effect=min_effect))
