"""The threshold that a run folder stores, read without trust."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from zoo_core.components.head import Head
from zoo_core.errors import RunFolderError
from zoo_core.runs.store import parse_json, to_json

THRESHOLD_FILE = "threshold.json"


@frozen
class ThresholdChoice:
    """How a threshold was chosen: the best value of a metric over these rows; `split` is "" for all rows.

    With `least_metric`, among the thresholds at which that metric is at least `least_value`; it is `least_reached`.
    """

    metric: str
    metric_value: float
    source: str
    split: str
    rows: int
    least_metric: str = ""
    least_value: float = 0.0
    least_reached: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON, without those of a condition that was not set."""
        return {key: value for key, value in asdict(self).items() if self.least_metric or key not in LEAST_TYPES}


CHOICE_TYPES: dict[str, type] = {"metric": str, "metric_value": float, "source": str, "split": str, "rows": int}
LEAST_TYPES: dict[str, type] = {"least_metric": str, "least_value": float, "least_reached": float}


@frozen
class Threshold:
    """The lowest probability at which the second of two classes is predicted; `choice` is None if a user set it."""

    value: float
    choice: ThresholdChoice | None = None

    def describe(self) -> str:
        """Describe the threshold in a few words.

        >>> Threshold(0.37, ThresholdChoice("f1", 0.9123, "reviews.csv", "val", 600)).describe()
        'threshold 0.37, of the best f1 on val of reviews.csv'
        """
        if self.choice is None:
            return f"threshold {self.value}"
        choice = self.choice
        split = f"{choice.split} of " if choice.split else ""
        least = f" with {choice.least_metric} of at least {choice.least_value:g}" if choice.least_metric else ""
        return f"threshold {self.value}, of the best {choice.metric}{least} on {split}{choice.source}"

    def to_json(self) -> bytes:
        """The content of the file."""
        return to_json({"threshold": self.value, "choice": self.choice and self.choice.to_dict()})

    @classmethod
    def read(cls, data: bytes, path: Path, head: Head) -> Threshold:
        """Parse the file. Raises RunFolderError for invalid content, and if the head has no threshold."""
        values = parse_json(data, str(path), has_paths=True)
        problem = _find_problem(values)
        if not problem and not head.has_threshold:
            problem = "this run's loss and classes have no threshold"
        if problem:
            raise RunFolderError(problem, where=str(path))
        choice = values["choice"]
        return cls(float(values["threshold"]), choice and ThresholdChoice(**choice))


def _find_problem(values: Any) -> str:
    """What is wrong with the content of a file; "" if nothing is."""
    if not isinstance(values, Mapping) or set(values) != {"threshold", "choice"}:
        return "invalid threshold: expected the keys threshold and choice"
    value, choice = values["threshold"], values["choice"]
    if not _is_number(value) or not 0 <= value <= 1:
        return "invalid threshold: expected a number between 0 and 1"
    if choice is None:
        return ""
    types = {**CHOICE_TYPES, **(LEAST_TYPES if isinstance(choice, Mapping) and set(choice) & set(LEAST_TYPES) else {})}
    if not isinstance(choice, Mapping) or set(choice) != set(types):
        return f"invalid choice: expected the keys {', '.join(types)}"
    for key, type_ in types.items():
        has_type = _is_number(choice[key]) if type_ is float else type(choice[key]) is type_
        if not has_type or (key == "rows" and choice[key] < 1):
            return f"invalid choice: {key} has an invalid value"
    return ""


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))
