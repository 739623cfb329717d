"""The threshold that a run's folder keeps: read without trust."""

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
    """What a threshold was chosen by: the best figure of a metric over these rows.

    `split` is "" for all rows of the file.
    """

    metric: str
    metric_value: float
    source: str
    split: str
    rows: int


CHOICE_TYPES: dict[str, type] = {"metric": str, "metric_value": float, "source": str, "split": str, "rows": int}


@frozen
class Threshold:
    """The least probability of the second of two classes that is called so; `choice` is None where a person set it."""

    value: float
    choice: ThresholdChoice | None = None

    def describe(self) -> str:
        """In a few words, for people.

        >>> Threshold(0.37, Choice("f1", 0.9123, "reviews.csv", "val", 600)).told()
        'threshold 0.37, of the best f1 on val of reviews.csv'
        """
        if self.choice is None:
            return f"threshold {self.value}"
        of = f"{self.choice.split} of " if self.choice.split else ""
        return f"threshold {self.value}, of the best {self.choice.metric} on {of}{self.choice.source}"

    def to_json(self) -> bytes:
        """What the file holds."""
        return to_json({"threshold": self.value, "choice": self.choice and asdict(self.choice)})

    @classmethod
    def read(cls, data: bytes, path: Path, head: Head) -> Threshold:
        """What a file holds; RunFolderError for what no run of this head could hold."""
        found = parse_json(data, str(path))
        reason = _fault(found) or ("" if head.has_threshold else "this run's loss and classes take no threshold")
        if reason:
            raise RunFolderError(reason, where=str(path))
        choice = found["choice"]
        return cls(float(found["threshold"]), choice and ThresholdChoice(**choice))


def _fault(found: Any) -> str:
    """What is wrong with the values of a file; "" for nothing."""
    if not isinstance(found, Mapping) or set(found) != {"threshold", "choice"}:
        return "this is no threshold: it must hold threshold and choice, and nothing else"
    value, choice = found["threshold"], found["choice"]
    if not _number(value) or not 0 <= value <= 1:
        return "the threshold is no number between 0 and 1"
    if choice is None:
        return ""
    if not isinstance(choice, Mapping) or set(choice) != set(CHOICE_TYPES):
        return f"the choice must hold {', '.join(CHOICE_TYPES)}, and nothing else"
    for key, type_ in CHOICE_TYPES.items():
        sound = _number(choice[key]) if type_ is float else type(choice[key]) is type_
        if not sound or (key == "rows" and choice[key] < 1):
            return f"the choice's {key} is not what it should be"
    return ""


def _number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))
