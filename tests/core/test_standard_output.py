"""A program that uses the zoo keeps its own standard output, whatever its other threads write meanwhile."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from attrs import frozen
from torch import nn

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, hookimpl
from zoo_core.config.zoo import open_zoo
from zoo_core.runs.load import open_run
from zoo_core.training.pipeline import train

SEEN = []


def look():
    """What standard output is just now, to Python and below it."""
    SEEN.append((sys.stdout, os.fstat(1).st_ino, os.fstat(1).st_dev))


@frozen
class Looking(Activation):
    """x."""

    name = "looking"
    acts = "elementwise"

    def build(self):
        look()
        os.write(1, b"below\n")
        return nn.Identity()


def test_no_call_touches_standard_output(reviews, small, tmp_path, capfd):
    plugin = ModuleType("plugin")
    plugin.zoo_activations = hookimpl(lambda: look() or [Looking])
    plugin.zoo_run_started = hookimpl(look)
    look()
    before = SEEN.copy()
    SEEN.clear()
    zoo = open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "plugin": plugin}
    )
    run = train(small("model.activation=looking", zoo=zoo, name="yelp-mlp"), reviews, run=tmp_path / "run")
    open_run(run.folder, zoo=zoo).predict(["good"])
    assert len(SEEN) >= 4 and set(SEEN) == set(before)
    assert set(capfd.readouterr().out.splitlines()) == {"below"}
