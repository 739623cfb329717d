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
    """How a threshold was chosen: the best value of a metric over these rows; `split` is "" for all rows."""

    metric: str
    metric_value: float
    source: str
    split: str
    rows: int


CHOICE_TYPES: dict[str, type] = {"metric": str, "metric_value": float, "source": str, "split": str, "rows": int}


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
        split = f"{self.choice.split} of " if self.choice.split else ""
        return f"threshold {self.value}, of the best {self.choice.metric} on {split}{self.choice.source}"

    def to_json(self) -> bytes:
        """The content of the file."""
        return to_json({"threshold": self.value, "choice": self.choice and asdict(self.choice)})

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
    if not isinstance(choice, Mapping) or set(choice) != set(CHOICE_TYPES):
        return f"invalid choice: expected the keys {', '.join(CHOICE_TYPES)}"
    for key, type_ in CHOICE_TYPES.items():
        has_type = _is_number(choice[key]) if type_ is float else type(choice[key]) is type_
        if not has_type or (key == "rows" and choice[key] < 1):
            return f"invalid choice: {key} has an invalid value"
    return ""


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))
