"""What splitters do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.splitters.inputs import INPUTS, SHARES, makes_folds, splitter_of


@register_exercise("splitter")
def exercise_splitter(subject: Subject) -> dict[str, object]:
    """Return the columns that it uses, and the rows of each split and fold, for all inputs."""
    splitter = splitter_of(subject)
    observed: dict[str, object] = {"used columns": sorted(splitter.used_columns())}
    for description, rows in INPUTS:
        observed[description] = _plain(rows.split(splitter, SHARES))
        if makes_folds(splitter) and len(rows.labels) > 30:
            folds = rows.folds(splitter, 3)
            observed[f"{description}, in folds"] = None if folds is None else [_plain(fold) for fold in folds]
    return observed


def _plain(parts: object) -> object:
    """The rows of parts as sorted lists; what is something else, as it is."""
    if not isinstance(parts, dict):
        return repr(parts) if parts is not None else None
    return {str(name): sorted(rows.tolist()) if hasattr(rows, "tolist") else repr(rows) for name, rows in parts.items()}
