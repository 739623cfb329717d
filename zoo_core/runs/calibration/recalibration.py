"""The calibration of a trained run: fitted again, and stored in its folder."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from zoo_core.components.contracts import Calibrator
from zoo_core.components.decisions.decision import Decision
from zoo_core.config.structure import build_component
from zoo_core.data.files.sources import Data
from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import join_names, quote_name
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.amend import amend_files
from zoo_core.runs.calibration.fitting import fit_calibration
from zoo_core.runs.calibration.report import CalibrationChange, CalibrationQuality, cross_calibrated
from zoo_core.runs.calibration.stored import (
    CALIBRATION_FILE,
    SLOT,
    Calibration,
    calibration_digest,
    calibration_problem,
    labels_problem,
    make_calibration,
)
from zoo_core.runs.decisions.stored import DECISION_FILE, StoredDecision
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.validation.tuning_scores import tuning_scores
from zoo_core.runs.views.inspection import with_run_settings
from zoo_core.runs.views.prediction import PredictingRun

AnyRun = TypeVar("AnyRun", bound=PredictingRun)


@frozen
class Recalibration:
    """A calibration for a run, None to leave its probabilities as the loss gives them, and what it changes."""

    calibrator: Calibrator
    calibration: Calibration | None
    change: CalibrationChange
    scored: ScoredSplit


def find_calibrator(run: PredictingRun, text: str) -> Calibrator:
    """A calibrator by its name, or as TOML: `{use = "temperature", prior = 5}`.

    Raises RecipeError if it is unknown or does not suit the run.
    """
    raw = text
    if text.lstrip().startswith("{"):
        raw = Recipe("--calibrate", run.zoo).with_assignments(f"{SLOT}={text}").merged().values[SLOT]
    calibrator = cast(Calibrator, build_component(run.zoo.registry, SLOT, raw))
    if calibrator.calibrates and (problem := calibration_problem(run.head) or labels_problem(calibrator, run.head)):
        suitable = run.zoo.registry.matching(SLOT, {"labels": "any"}) if run.head.has_probabilities else ()
        raise RecipeError(problem, hint=f"use {join_names(suitable)}" if suitable else "")
    return calibrator


def fit_again(run: PredictingRun, calibrator: Calibrator, scored: ScoredSplit) -> Recalibration:
    """Fit a calibrator on scored rows, and measure by cross-fitting on them what it changes.

    Raises DataError if the rows have probabilities for targets, or one class only.
    """
    with attribute_errors(run.zoo.registry):
        calibration = fit_calibration(run.zoo, calibrator, run.head, scored)
        if calibrator.calibrates and calibration is None:
            raise DataError("a calibration needs labels, and the targets are probabilities", where=scored.source)
        if calibrator.calibrates and len(run.head.form.row_codes(scored.targets).unique()) < 2:
            only = quote_name(run.head.form.describe(scored.targets[0], run.head.classes))
            raise DataError(f"a calibration cannot be fitted on rows of {only} alone", where=scored.source)
        current = run.head.calibration
        used = current.calibrator if isinstance(current, Calibration) else None
        before, after = (
            CalibrationQuality.measure(
                run.head, cross_calibrated(run.zoo.registry, one, run.head, scored), scored.targets
            )
            for one in (used, calibrator if calibrator.calibrates else None)
        )
    return Recalibration(calibrator, calibration, CalibrationChange(before, after), scored)


def with_calibration(run: AnyRun, found: Recalibration) -> AnyRun:
    """A run with a calibration, without changing its folder.

    Thresholds are for the probabilities on which they were chosen: with other ones the most probable class is predicted
    again. A decision by the costs of mistakes is for any probabilities, and stays.
    """
    before = run.head.decision
    is_by_costs = bool(before.costs) and before == Decision.of_costs(before.costs)
    decision = before if is_by_costs else run.head.form.decision
    head = evolve(run.head, calibration=found.calibration, decision=decision)
    had_decision = run.decision is not None or not before.is_default
    stored = StoredDecision(decision, calibration=calibration_digest(head)) if had_decision else None
    return cast(AnyRun, evolve(cast(Any, run), head=head, decision=stored))


def save_calibration(run: AnyRun, found: Recalibration) -> AnyRun:
    """Store a calibration in the run folder and return the run with it, as `with_calibration` does."""
    scored, changed = found.scored, with_calibration(run, found)
    stored = found.calibration or make_calibration(
        run.zoo,
        found.calibrator,
        found.calibrator.restore({}),
        source=scored.source,
        split=scored.split,
        rows=len(scored.targets),
    )
    files = {CALIBRATION_FILE: stored.to_json()}
    if changed.decision is not None:
        files[DECISION_FILE] = changed.decision.to_json(changed.head)
    amend_files(run.folder, files)
    return changed


class CalibratedRun(PredictingRun):
    """The part of a run that calibrates it."""

    __slots__ = ()

    @with_run_settings
    def calibrate(
        self: AnyRun, method: str, data: Data | None = None, *, split: str = "", reader: str = "", store: bool = False
    ) -> AnyRun:
        """This run with probabilities that a calibrator corrects, fitted on its validation rows, or on those of data.

        `method` is the name of a calibrator, or a table in TOML; "none" leaves probabilities as the loss gives them.
        Data and split are those of `score_split`, for tuning. Thresholds are reset, since they were chosen on other
        probabilities. `store` also writes the calibration into the run folder.
        """
        scored = tuning_scores(self, data, split=split, reader=reader)
        found = fit_again(self, find_calibrator(self, method), scored)
        return save_calibration(self, found) if store else with_calibration(self, found)
