"""The scored rows for a decision that must not depend on the test split."""

from __future__ import annotations

from zoo_core.data.files.sources import Data
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.validation.stored_scores import SPLIT
from zoo_core.runs.views.prediction import PredictingRun


def tuning_scores(
    run: PredictingRun, data: Data | None = None, *, split: str = "", reader: str = "", needs_texts: bool = False
) -> ScoredSplit:
    """The scored rows for a decision that must not depend on the test split.

    Without `data`, with the split "val" or none, the stored scores, without texts. Otherwise, for a run that does not
    store them, and if texts are needed, what `Run.score_split` gives with `for_tuning`.
    """
    if data is None and split in ("", SPLIT) and not needs_texts and run.stored_validation is not None:
        return run.stored_validation
    return run.score_split(data, split=split, reader=reader, for_tuning=True)
