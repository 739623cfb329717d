"""The decision that a run folder stores, read without trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from zoo_core.components.decisions.decision import COST, Decision
from zoo_core.components.head import Head
from zoo_core.errors import RunFolderError
from zoo_core.runs.store import parse_json, to_json

DECISION_FILE = "decision.json"
MAX_NUMBER = 1e15
KEYS = ("threshold", "thresholds", "costs", "by_cost", "calibration", "choice")


@frozen
class Choice:
    """How a decision was chosen: the best value of a metric, or of the mean cost, over these rows.

    `split` is "" for all rows of the source. With `least_metric`, among the decisions at which that metric is at least
    `least_value`; it is `least_reached`.
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
class StoredDecision:
    """A decision and how it was chosen; `choice` is None if a user set it.

    `calibration` is the hash of the calibration whose probabilities it is for, "" without one.
    """

    decision: Decision
    choice: Choice | None = None
    calibration: str = ""

    def describe(self) -> str:
        """Describe the decision in a few words; the most probable class is described as such.

        >>> chosen = Choice("f1", 0.9123, "reviews.csv", "val", 600)
        >>> StoredDecision(Decision.of_threshold(0.37), chosen).describe()
        'threshold 0.37, of the best f1 on val of reviews.csv'
        """
        rule = self.decision.describe()
        if self.choice is None:
            return rule
        choice = self.choice
        split = f"{choice.split} of " if choice.split else ""
        least = f" with {choice.least_metric} of at least {choice.least_value:g}" if choice.least_metric else ""
        best = "the least mean cost" if choice.metric == COST else f"the best {choice.metric}"
        return f"{rule}, of {best}{least} on {split}{choice.source}"

    def to_dict(self, head: Head) -> dict[str, Any]:
        """The decision as JSON: what is set, with the names of the classes."""
        decision = self.decision
        if head.is_binary:
            values: dict[str, Any] = {"threshold": decision.threshold}
        else:
            thresholds = dict(zip(head.classes, decision.thresholds, strict=True)) if decision.thresholds else None
            values = {"thresholds": thresholds, "by_cost": decision.by_cost}
        if decision.costs:
            values["costs"] = {
                true: dict(zip(head.classes, row, strict=True))
                for true, row in zip(head.classes, decision.costs, strict=True)
            }
        return values

    def to_json(self, head: Head) -> bytes:
        """The content of the file."""
        empty = dict.fromkeys(KEYS)
        choice = self.choice and self.choice.to_dict()
        return to_json(
            {**empty, "by_cost": False, **self.to_dict(head), "calibration": self.calibration, "choice": choice}
        )

    @classmethod
    def read(cls, data: bytes, path: Path, head: Head) -> StoredDecision:
        """Parse the file. Raises RunFolderError for invalid content, and if the head has no decision."""
        values = parse_json(data, str(path), has_paths=True)
        problem = _find_problem(values, head) or head.decision_problem()
        if problem:
            raise RunFolderError(problem, where=str(path))
        decision = _read_decision(values, head)
        if problem := decision.problem(len(head.classes)):
            raise RunFolderError(f"invalid decision: {problem}", where=str(path))
        choice = values["choice"]
        return cls(decision, choice and Choice(**choice), values["calibration"])


def _read_decision(values: Mapping[str, Any], head: Head) -> Decision:
    classes = head.classes
    threshold, thresholds, costs = values["threshold"], values["thresholds"], values["costs"]
    table = tuple(tuple(float(costs[true][name]) for name in classes) for true in classes) if costs else ()
    if threshold is not None:
        return Decision.of_threshold(float(threshold), table)
    by_class = tuple(float(thresholds[name]) for name in classes) if thresholds else ()
    return type(head.form.decision)(by_class, table, values["by_cost"])


def _find_problem(values: Any, head: Head) -> str:
    """What is wrong with the content of a file; "" if nothing is."""
    classes = head.classes
    if not isinstance(values, Mapping) or set(values) != set(KEYS):
        return f"invalid decision: expected the keys {', '.join(KEYS)}"
    threshold, thresholds, costs = values["threshold"], values["thresholds"], values["costs"]
    if (threshold is not None) != head.is_binary:
        return "invalid decision: expected a threshold of two classes, or thresholds of more"
    if threshold is not None and not (_is_number(threshold) and 0 <= threshold <= 1):
        return "invalid threshold: expected a number between 0 and 1"
    if threshold is not None and values["by_cost"]:
        return "invalid decision: two classes are decided by a threshold"
    if thresholds is not None and (threshold is not None or not _is_by_class(thresholds, classes)):
        return "invalid thresholds: expected a number for each class"
    if costs is not None:
        if not isinstance(costs, Mapping) or set(costs) != set(classes):
            return "invalid costs: expected those of each class"
        if not all(_is_by_class(row, classes) for row in costs.values()):
            return "invalid costs: expected a number for each class"
    if type(values["by_cost"]) is not bool or type(values["calibration"]) is not str:
        return "invalid decision: by_cost or calibration has an invalid value"
    return _choice_problem(values["choice"])


def _choice_problem(choice: Any) -> str:
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


def _is_by_class(values: Any, classes: tuple[str, ...]) -> bool:
    return isinstance(values, Mapping) and set(values) == set(classes) and all(map(_is_number, values.values()))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and -MAX_NUMBER <= value <= MAX_NUMBER
