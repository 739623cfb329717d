"""Platt and isotonic calibration give what scikit-learn gives, and temperature what a search gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo_calibration.binary import Isotonic, Platt
from zoo_calibration.calibrators import Temperature
from zoo_calibration.fitted import second_log_odds

SIZES = [3, 12, 45, 300, 2_000]


def draw(rows, classes=2, *, times=2.0, seed=0):
    """Log-probabilities that are too extreme, with rows of equal ones, and classes of every kind."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    targets = torch.multinomial(logits.softmax(dim=1), 1, generator=generator)[:, 0]
    targets[:classes] = torch.arange(classes)[:rows]
    logits[1::3] = logits[1::3].round(decimals=1)
    return (times * logits).log_softmax(dim=1), targets


@pytest.mark.parametrize("rows", SIZES)
def test_isotonic_equals_scikit_learn(rows):
    isotonic = pytest.importorskip("sklearn.isotonic")
    fitted_rows, targets = draw(rows)
    others, _ = draw(500, seed=1, times=3.0)
    least = 1 / (rows + 2)
    expected = isotonic.IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
    expected.fit(second_log_odds(fitted_rows).numpy().round(9), targets.numpy())  # ties, but for rounding
    found = Isotonic().fit(fitted_rows, targets)
    for part in (fitted_rows, others):
        values = expected.predict(second_log_odds(part).numpy())
        assert np.abs(found.probabilities(part)[:, 1].numpy() - values).max() < 1e-7


@pytest.mark.parametrize("rows", SIZES)
def test_platt_equals_scikit_learn(rows):
    calibration = pytest.importorskip("sklearn.calibration")
    fitted_rows, targets = draw(rows, times=0.7)
    others, _ = draw(500, seed=1)
    expected = calibration._SigmoidCalibration().fit(second_log_odds(fitted_rows).numpy(), targets.numpy())
    found = Platt().fit(fitted_rows, targets)
    for part in (fitted_rows, others):
        values = expected.predict(second_log_odds(part).numpy())
        assert np.abs(found.probabilities(part)[:, 1].numpy() - values).max() < 1e-6


@pytest.mark.parametrize(("rows", "classes"), [(7, 2), (45, 4), (2_000, 3)])
@pytest.mark.parametrize("times", [0.4, 2.5])
def test_temperature_has_the_least_log_loss(rows, classes, times):
    log_probabilities, targets = draw(rows, classes, times=times)
    found = Temperature(prior=0.0).fit(log_probabilities, targets).state()["temperature"]

    def loss(temperature):
        return float(torch.nn.functional.cross_entropy(log_probabilities / temperature, targets))

    assert loss(found) <= min(loss(found * factor) for factor in (0.999, 1.001)) + 1e-12


def test_few_rows_move_the_temperature_little():
    log_probabilities, _ = draw(20, times=1.0)
    right = log_probabilities.argmax(dim=1)
    temperatures = [
        Temperature(prior=prior).fit(log_probabilities, right).state()["temperature"] for prior in (0.0, 1.0, 20.0, 1e6)
    ]
    assert temperatures[0] == pytest.approx(0.05) and temperatures == sorted(temperatures)
    assert temperatures[2] > 0.2 and temperatures[3] == pytest.approx(1.0, abs=1e-3)
