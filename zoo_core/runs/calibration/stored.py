"""The calibration that a run folder stores, read without trust."""

from __future__ import annotations

import math
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen
from torch import Tensor

from zoo_core.components.contracts import Calibrator
from zoo_core.components.head import Head
from zoo_core.components.protocols import CalibrationState, FittedCalibration
from zoo_core.config.structure import build_component, unstructure
from zoo_core.config.zoo import Zoo
from zoo_core.errors import PluginError, RunFolderError, ZooError
from zoo_core.messages import pluralize
from zoo_core.recipes.component_owners import Fingerprint, find_missing_owners, prefer_owners
from zoo_core.recipes.fingerprints import fingerprint_of
from zoo_core.runs.calibration.by_label import LabelCalibrations, restore_calibration
from zoo_core.runs.schemas import are_fingerprints
from zoo_core.runs.store import parse_json, to_json

CALIBRATION_FILE = "calibration.json"
KEYS = ("calibrator", "component", "state", "source", "split", "rows")
SLOT = "calibrator"
MAX_STATE_NUMBERS = 1_000_000
SHOWN_NUMBERS = 3


@frozen
class Calibration:
    """A calibrator that is fitted on `rows` rows of a split; `split` is "" for all rows of the source.

    It is what a `Head` applies. `values` is the calibrator with its settings, as a recipe has it, and `owner` the
    plugin that it is from.
    """

    calibrator: Calibrator
    fitted: FittedCalibration = field(eq=lambda fitted: dict(fitted.state()))
    values: Mapping[str, Any]
    owner: Fingerprint
    source: str
    split: str
    rows: int

    def probabilities(self, log_probabilities: Tensor) -> Tensor:
        """Log-probabilities of a head, float64 → calibrated probabilities `(rows, classes)`."""
        return self.fitted.probabilities(log_probabilities)

    def state(self) -> CalibrationState:
        """What the calibrator has learned, as numbers and lists of them."""
        return self.fitted.state()

    def describe(self) -> str:
        """Describe the calibration in a few words, as in "temperature 0.71, fitted on 600 rows of val"."""
        numbers = [f"{value:.4g}" for value in self.state().values() if isinstance(value, int | float)]
        by_label = isinstance(self.fitted, LabelCalibrations)
        shown = " ".join([self.calibrator.name, *(["by label"] if by_label else numbers[:SHOWN_NUMBERS])])
        return f"{shown}, fitted on {pluralize(self.rows, 'row')} of {self.split or self.source}"

    def to_dict(self) -> dict[str, Any]:
        """The values that the file has, without the owner."""
        places = {"source": self.source, "split": self.split, "rows": self.rows}
        return {"calibrator": dict(self.values), "state": dict(self.state()), **places}

    def to_json(self) -> bytes:
        """The content of the file."""
        return to_json({**self.to_dict(), "component": dict(self.owner)})


def make_calibration(
    zoo: Zoo, calibrator: Calibrator, fitted: FittedCalibration, *, source: str, split: str, rows: int
) -> Calibration:
    """A calibration with the description of its calibrator that its file has."""
    owner = fingerprint_of(zoo.registry.entry_for(type(calibrator)))
    return Calibration(calibrator, fitted, unstructure(calibrator, zoo.registry), owner, source, split, rows)


def read_calibration(data: bytes, path: Path, head: Head, zoo: Zoo) -> Calibration | None:
    """Parse the file; None for a calibrator that leaves probabilities as they are.

    Raises RunFolderError for invalid content, and if the head has no probabilities; PluginError if the plugin of the
    calibrator is missing.
    """
    values = parse_json(data, str(path), has_paths=True)
    if problem := _find_problem(values) or calibration_problem(head):
        raise RunFolderError(problem, where=str(path))
    owners = {SLOT: values["component"]}
    if missing := find_missing_owners(owners, zoo):
        raise PluginError(*missing)
    try:
        built = build_component(prefer_owners(owners, zoo).registry, SLOT, values["calibrator"])
    except ZooError as error:
        raise RunFolderError(error.problems[0].message, where=str(path)) from None
    calibrator = cast(Calibrator, built)
    if not calibrator.calibrates:
        return None
    if problem := labels_problem(calibrator, head):
        raise RunFolderError(problem, where=str(path))
    try:
        fitted = restore_calibration(calibrator, head, values["state"])
    except Exception as error:
        raise RunFolderError(f"the calibration cannot be restored: {error}", where=str(path)) from None
    places = {key: values[key] for key in ("source", "split", "rows")}
    return Calibration(calibrator, fitted, values["calibrator"], values["component"], **places)


def calibration_problem(head: Head) -> str:
    """Why a run has nothing to calibrate; "" if it has probabilities."""
    return "" if head.has_probabilities else "the loss of this run gives no probabilities, which a calibration needs"


def labels_problem(calibrator: Calibrator, head: Head) -> str:
    """Why a calibrator does not suit the classes of a run; "" if it does."""
    if calibrator.labels == "binary" and head.form.num_answers(len(head.classes)) > 2:
        return f'calibrator "{calibrator.name}" is for two classes, the run has {len(head.classes)}'
    return ""


def is_plain_state(state: Any) -> bool:
    """Whether a state is finite numbers and lists of them, by name, and not too many."""
    if not isinstance(state, Mapping) or not all(isinstance(key, str) for key in state):
        return False
    lists = [value if isinstance(value, list | tuple) else [value] for value in state.values()]
    return sum(map(len, lists)) <= MAX_STATE_NUMBERS and all(_is_number(value) for values in lists for value in values)


def _find_problem(values: Any) -> str:
    """What is wrong with the content of a file; "" if nothing is."""
    if not isinstance(values, Mapping) or set(values) != set(KEYS):
        return f"invalid calibration: expected the keys {', '.join(KEYS)}"
    if not isinstance(values["calibrator"], Mapping) or "use" not in values["calibrator"]:
        return "invalid calibration: calibrator has no name"
    if not are_fingerprints({SLOT: values["component"]}) or values["component"]["kind"] != SLOT:
        return "invalid calibration: component does not describe a calibrator"
    if not is_plain_state(values["state"]):
        return "invalid calibration: expected a state of finite numbers"
    if not (isinstance(values["source"], str) and isinstance(values["split"], str)):
        return "invalid calibration: expected names of the source and the split"
    rows = values["rows"]
    return "" if type(rows) is int and rows >= 1 else "invalid calibration: expected a number of rows"


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def calibration_digest(head: Head) -> str:
    """The SHA-256 of the calibration that a head applies, to recognize its probabilities; "" without one."""
    return sha256(head.calibration.to_json()).hexdigest() if isinstance(head.calibration, Calibration) else ""
