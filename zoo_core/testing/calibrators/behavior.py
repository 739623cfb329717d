"""Checks of what calibrators give: probabilities that keep their order, for few rows, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from zoo_core.components.contracts import Calibrator
from zoo_core.components.protocols import FittedCalibration
from zoo_core.testing.assertions import assert_close, assert_equal
from zoo_core.testing.calibrators.inputs import VALIDATION_ROWS, make_rows, other_rows, rows_for
from zoo_core.testing.checks import Subject, register_check, skip

MAX_SUM_ERROR = 1e-6
TOLERANCE = 1e-9  # of the order of probabilities
CERTAIN = 1e-9  # distance from 0 and 1 below which few rows say too much
ORDINARY = 0.01  # probabilities of a row at least this far from 0 and 1
MANY = 2_000  # rows, on which a calibration must not raise the log-loss of its own rows


def _fits(subject: Subject) -> Iterator[tuple[str, FittedCalibration, Tensor]]:
    """The calibration of each input, with the log-probabilities of its rows and of others."""
    calibrator = cast(Calibrator, subject.component)
    for description, (log_probabilities, targets) in rows_for(calibrator):
        fitted = calibrator.fit(log_probabilities, targets)
        yield description, fitted, torch.cat([log_probabilities, other_rows(log_probabilities.shape[1])])


@register_check("calibrator", "metrics, thresholds and users rely on probabilities")
def gives_probabilities(subject: Subject) -> None:
    for description, fitted, rows in _fits(subject):
        where = f"fitted on {description},"
        for part in (rows, rows[:1], rows[:0]):
            found = fitted.probabilities(part)
            assert found.shape == part.shape, f"{where} {tuple(part.shape)} became {tuple(found.shape)}"
        found = fitted.probabilities(rows)
        assert found.dtype == torch.float64, f"{where} probabilities are {found.dtype}, expected torch.float64"
        is_valid = (found >= 0) & (found <= 1)
        assert is_valid.all(), f"{where} a probability is {float(found[~is_valid][0])}"
        sums = found.sum(dim=1)
        worst = float(sums[(sums - 1).abs().argmax()])
        assert abs(worst - 1) <= MAX_SUM_ERROR, f"{where} the probabilities of a row sum to {worst:.6f}"


@register_check("calibrator", "few rows cannot show that a prediction is certain")
def few_rows_do_not_make_certain(subject: Subject) -> None:
    for description, fitted, rows in _fits(subject):
        is_ordinary = (rows.exp() > ORDINARY).all(dim=1)
        found = fitted.probabilities(rows[is_ordinary])
        least, most = float(found.min()), float(found.max())
        what = f"fitted on {description}, probabilities between {ORDINARY} and {1 - ORDINARY}"
        assert least > CERTAIN and most < 1 - CERTAIN, f"{what} become {least:g} to {most:.12g}"


@register_check("calibrator", "a calibration corrects how sure a model is, not what it predicts")
def keeps_the_order(subject: Subject) -> None:
    for description, fitted, rows in _fits(subject):
        found = fitted.probabilities(rows)
        if rows.shape[1] == 2:
            order = (rows[:, 1] - rows[:, 0]).argsort()
            steps = found[order, 1].diff()
            worst = float(steps.min())
            what = "a higher probability of a class becomes the lower one"
            assert worst >= -TOLERANCE, f"fitted on {description}, {what}, by {-worst:.3g}"
        else:
            likeliest = rows.argmax(dim=1, keepdim=True)
            lost = (found.max(dim=1).values - found.gather(1, likeliest)[:, 0]).max()
            what = "the likeliest class of a row is not the likeliest any more"
            assert float(lost) <= TOLERANCE, f"fitted on {description}, {what}, by {float(lost):.3g}"


@register_check("calibrator", "what raises rare classes in training must not be undone unnoticed")
def keeps_labels_as_declared(subject: Subject) -> None:
    if not cast(Calibrator, subject.component).keeps_labels:
        skip("it declares that it may change labels")
    for description, fitted, rows in _fits(subject):
        if rows.shape[1] == 2:
            before, after = rows[:, 1] - rows[:, 0], fitted.probabilities(rows).diff(dim=1)[:, 0]
            changed = before * after < 0
            what = "declares keeps_labels, and the less probable of two classes becomes the more probable one"
            assert not changed.any(), f"it {what}, fitted on {description}: {int(changed.sum())} of {len(rows)} rows"


@register_check("calibrator", "a prediction must not depend on other texts of the batch")
def rows_are_independent(subject: Subject) -> None:
    for description, fitted, rows in _fits(subject):
        separate = torch.cat([fitted.probabilities(rows[at : at + 1]) for at in range(0, len(rows), 7)])
        what = f"fitted on {description}, a row has other probabilities alone than among others"
        assert_close(fitted.probabilities(rows)[::7], separate, what)


@register_check("calibrator", "a calibration is there to make probabilities better")
def lowers_the_log_loss(subject: Subject) -> None:
    calibrator = cast(Calibrator, subject.component)
    if not calibrator.calibrates:
        skip("it calibrates nothing")
    classes = 2 if calibrator.labels == "binary" else 4
    for description, times in (("too extreme", 3.0), ("not extreme enough", 0.3)):
        log_probabilities, targets = make_rows(MANY, classes, times=times)
        after = calibrator.fit(log_probabilities, targets).probabilities(log_probabilities).log()
        before, found = (float(-values.gather(1, targets[:, None]).mean()) for values in (log_probabilities, after))
        what = f"of {MANY:,} rows whose probabilities are {description}, the log-loss"
        assert found < before, f"{what} was {before:.4f} and is {found:.4f} on the same rows"


@register_check("calibrator", "probabilities that need no correction are left as they are")
def calibrates_as_declared(subject: Subject) -> None:
    calibrator = cast(Calibrator, subject.component)
    if calibrator.calibrates:
        skip("it calibrates")
    for description, fitted, rows in _fits(subject):
        assert not fitted.state(), f"it declares that it calibrates nothing, and has a state: {dict(fitted.state())}"
        assert_close(fitted.probabilities(rows), rows.exp(), f"fitted on {description}, probabilities change")


@register_check("calibrator", "the order of the rows of a file says nothing about their probabilities")
def row_order_does_not_matter(subject: Subject) -> None:
    calibrator = cast(Calibrator, subject.component)
    for description, (log_probabilities, targets) in rows_for(calibrator):
        expected = calibrator.fit(log_probabilities, targets).probabilities(log_probabilities)
        found = calibrator.fit(log_probabilities.flip(0), targets.flip(0)).probabilities(log_probabilities)
        what = f"fitted on {description}, the rows in reverse order give other probabilities"
        assert_close(found, expected, what, rtol=1e-5, atol=1e-7)


@register_check("calibrator", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    calibrator = cast(Calibrator, subject.component)
    log_probabilities, targets = VALIDATION_ROWS.makers["400 rows of two classes"]()
    copies = log_probabilities.clone(), targets.clone()
    calibrator.fit(log_probabilities, targets).probabilities(log_probabilities)
    for name, copy, tensor in zip(("log-probabilities", "targets"), copies, (log_probabilities, targets), strict=True):
        assert_equal(tensor, copy, f"it changes its input: the {name}")
