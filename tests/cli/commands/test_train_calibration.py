"""What `zoo train` says about calibration."""

from __future__ import annotations

import pytest

from zoo_cli.evaluation.training_summary import print_calibration

NAME = "expected-calibration-error"


@pytest.mark.parametrize(("interval", "shown"), [([0.01, 0.05], "0.0100 to 0.0500"), (None, "–")])
def test_calibration_error_with_its_interval_after_and_before(capsys, interval, shown):
    intervals = {"after": {NAME: interval} if interval else {}, "before": {NAME: [0.0, 0.3]}}
    print_calibration({"split": "test", "after": {NAME: 0.02}, "before": {NAME: 0.2}, "intervals": intervals})
    assert capsys.readouterr().err.splitlines() == [
        f"test expected calibration error 0.0200 ({shown})",
        "  before calibration 0.2000 (0.0000 to 0.3000)",
    ]
