"""What a plugin prints from below Python, in whatever it does, is never data: a process of its own shows it."""

from __future__ import annotations

import os
import sys

import pytest

PART = """
import atexit, os
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Loud(Activation):
    '''x: a part that is not silent.'''
    name = "loud"
    acts = "elementwise"

    def build(self):
        from torch import nn
        print("building")
        os.write(1, b"building below\\n")
        return nn.Identity()

@hookimpl
def zoo_activations():
    os.system("echo asked")
    return [Loud]

@hookimpl
def zoo_run_started():
    os.write(1, b"listening below\\n")

atexit.register(print, "leaving")
os.chdir("/")
os.write(1, b"loading below\\n")
print("loading")
"""


@pytest.fixture
def path(tmp_path, distribution):
    place = distribution(tmp_path / "site", "textzoo-loud", PART, module="loud", plugin="loud")
    return os.pathsep.join([str(place), *filter(None, sys.path)])


def test_what_a_plugin_prints_below_python_is_told_and_never_data(process, path):
    loud, quiet = (process("list", "recipe", PYTHONPATH=path, **more) for more in ({}, {"ZOO_DISABLE_PLUGINS": "loud"}))
    assert (loud.code, loud.out, quiet.err) == (0, quiet.out, "")
    warned, left = loud.lines
    more = 2 if hasattr(os, "memfd_create") else 0
    assert 'plugin "loud" (textzoo-loud 1.0) printed "loading"' in warned and left == "leaving"
    assert (f"and {more} more lines where only data may stand" in warned) == bool(more)


def test_what_is_printed_in_a_run_goes_to_standard_error(process, path, empty_folder):
    asked = ("--set", "model.activation=loud", "--set", "training.epochs=1", "--run", "mine", "--json")
    answer = process("train", "yelp-mlp", *asked, PYTHONPATH=path)
    assert (answer.code, answer.json["run"]) == (0, "mine")  # and nothing but JSON
    assert {"building", "building below", "listening below", "leaving"} <= set(answer.lines)
    assert (empty_folder / "mine" / "manifest.json").exists()  # though the plugin went elsewhere
    again = process("predict", "mine", "good", PYTHONPATH=path)
    assert (again.code, again.out.count("\n")) == (0, 2) and "building below" in again.lines
