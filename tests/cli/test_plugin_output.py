"""Output of plugins is never data: neither from Python nor from native code."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

PART = """
import atexit, os
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Loud(Activation):
    '''x: prints when it is built.'''
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
    hasattr(os, "fork") and (os.fork() or os._exit(0))  # as a child process may
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


def test_native_output_of_a_plugin_is_reported_and_not_data(process, path):
    loud, quiet = (process("list", "recipe", PYTHONPATH=path, **more) for more in ({}, {"ZOO_DISABLE_PLUGINS": "loud"}))
    assert (loud.code, loud.out, quiet.err) == (0, quiet.out, "")
    warned, left = loud.lines
    assert 'plugin "loud" (textzoo-loud 1.0) printed "loading"' in warned and left == "leaving"
    assert "and 2 more lines to standard output" in warned


@pytest.mark.slow
def test_output_during_a_run_goes_to_stderr(process, path, empty_folder):
    asked = ("--set", "model.activation=loud", "--set", "training.epochs=1", "--run", "mine", "--json")
    answer = process("train", "yelp-mlp", *asked, PYTHONPATH=path)
    assert (answer.code, answer.json["run"]) == (0, "mine")  # nothing but JSON
    assert {"building", "building below", "listening below", "leaving"} <= set(answer.lines)
    assert (empty_folder / "mine" / "manifest.json").exists()  # although the plugin changed the working directory
    again = process("predict", "mine", "good", PYTHONPATH=path)
    assert (again.code, again.out.count("\n")) == (0, 2) and "building below" in again.lines


EVERYWHERE = """
import os
from attrs import frozen
from zoo_core import Activation, hookimpl
from zoo_textbook.readers import CSV
from zoo_textbook.tasks.text_classification import TextClassification

def say():
    print("said")
    os.write(1, b"said below\\n")

@frozen
class Loud(Activation):
    '''x: prints when it is built.'''
    name = "loud"
    acts = "elementwise"

    def check(self):
        say()
        yield from ()

    def build(self):
        say()
        from torch import nn
        return nn.Identity()

@frozen
class LoudTask(TextClassification):
    '''Any texts.'''
    name = "loud-task"

    def read(self, table):
        say()
        return super().read(table)

    def texts(self, table):
        say()
        return super().texts(table)

@frozen
class LoudReader(CSV):
    '''Comma-separated values, of another name.'''
    name = "loud-reader"
    suffixes = (".loud",)

    def sniff(self, head):
        say()
        return super().sniff(head)

@hookimpl
def zoo_activations():
    return [Loud]

@hookimpl
def zoo_tasks():
    return [LoudTask]

@hookimpl
def zoo_readers():
    return [LoudReader]
"""
COLUMNS = ("--set", "task=loud-task", "--set", "task.text=review", "--set", "task.label=rating")
PARTS = (*COLUMNS, "--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")
LOUD = (*PARTS, "--set", "model.activation=loud")


def test_no_command_mixes_output_of_components_into_data(zoo, reviews, capfd):
    Path("loud.py").write_text(EVERYWHERE, encoding="utf-8")
    for call in (
        ("train", "yelp-mlp", "--data", reviews, *LOUD, "--run", "mine", "--json"),
        ("evaluate", "mine", "--data", reviews, "--by-class", "--json"),
        ("explain", "mine", "good food", "--json"),
        ("compare", "mine", "mine", "--data", reviews, "--json"),
        ("predict", "mine", "--data", reviews, "--format", "jsonl"),
        ("plot", "run", "mine", "--data", reviews, "--json"),
        ("plot", "activation", "loud", "--json"),
        ("swap", "yelp-mlp", "model.activation=loud,relu", "--data", reviews, *PARTS, "--seeds", "1", "--json"),
        ("recipe", "show", "yelp-mlp", *LOUD, "--json"),
        ("recipe", "check", "yelp-mlp", *LOUD, "--json"),
        ("recipe", "why", "yelp-mlp", "model.activation", *LOUD, "--json"),
        ("recipe", "fits", "yelp-mlp", "model.activation", *LOUD, "--json"),
        ("recipe", "lock", "yelp-mlp", *LOUD, "--json"),
        ("data", "check", reviews, *COLUMNS, "--json"),
        ("data", "split", reviews, *COLUMNS, "-o", "-", "--format", "jsonl"),
        ("plugins", "check", "loud", "--kind", "reader", "--json"),
    ):
        answer = zoo("--plugin", "loud.py", *call)
        assert answer.code == 0 or call[0] == "plugins", (call, answer.err)  # checks may fail
        for one in [answer.out] if "--json" in call else answer.out.splitlines():
            json.loads(one)
        below = capfd.readouterr()
        assert below.out == "", call
        assert "said" in answer.lines and "said below" in below.err.splitlines(), call  # else the test proves nothing
