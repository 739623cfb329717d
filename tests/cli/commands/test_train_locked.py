"""`zoo train --locked`, and components given on the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

SOURCE = """
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Whirl(Activation):
    '''x: an activation whose package is removed.'''
    name = "whirl"
    acts = "elementwise"

    def build(self):
        from torch import nn
        return nn.Identity()

@hookimpl
def zoo_activations():
    return [Whirl]
"""
FEW = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")
SAME = ("recipe.toml", "components.json", "encoder.json", "encoder.safetensors", "model.safetensors", "metrics.jsonl")


def alike(one, other):
    return all(Path(one, name).read_bytes() == Path(other, name).read_bytes() for name in SAME)


def test_locked_run_is_reproduced_to_the_byte(zoo, reviews):
    assert zoo("train", "yelp-mlp", "--data", reviews, *FEW, "--seed", "7", "--run", "one").code == 0
    again = zoo("train", "--locked", "one", "--run", "two")
    assert (again.code, again.out) == (0, "two\n")
    assert "the weights may differ" not in again.err
    assert alike("one", "two")
    assert zoo("train", "one/recipe.toml", "--data", reviews, "--locked", "one", "--run", "three").code == 0
    assert alike("one", "three")


def test_other_data_is_reported(zoo, reviews):
    assert zoo("train", "yelp-mlp", "--data", reviews, *FEW, "--run", "one").code == 0
    reviews.write_text(reviews.read_text() + "positive,a new one\n")
    again = zoo("train", "--locked", "one", "--run", "two")
    assert again.code == 0
    assert "zoo: warning: the data was " in again.err and "the weights may differ from those of one" in again.err


def test_settings_may_change_but_components_may_not(zoo):
    assert zoo("train", "yelp-mlp", *FEW, "--run", "one").code == 0  # on the sample
    assert zoo("train", "--locked", "one", "--set", "optimizer.lr=0.1", "--run", "two").code == 0
    result = 'loss: the lock has loss "textzoo/textbook:bce-with-logits", the recipe has loss "textzoo/textbook:mse"'
    answer = zoo("train", "--locked", "one", "--set", "loss=mse")
    assert (answer.code, answer.out) == (5, "")
    dropped = "zoo: warning: --set loss=mse replaces a component and drops its settings: loss.smoothing"
    assert answer.lines == [dropped, f"zoo: error: {Path('one/components.json')}: {result}"]


@pytest.fixture
def whirl(tmp_path, monkeypatch, distribution):
    """The folder of an installed distribution with one activation."""
    module = f"whirl_{tmp_path.name}".replace("-", "_")
    site = distribution(tmp_path / "site", "textzoo-whirl", SOURCE, module=module, plugin="whirl")
    monkeypatch.syspath_prepend(site)
    return site


def test_missing_component_is_rejected_with_an_install_command(zoo, refused, whirl):
    assert zoo("recipe", "lock", "yelp-mlp", "--set", "model.activation=whirl", "-o", "lock.json").code == 0
    call = ("train", "yelp-mlp", "--set", "model.activation=whirl", "--locked", "lock.json")
    metadata = next(whirl.glob("*.dist-info")) / "METADATA"
    text = metadata.read_text()
    metadata.write_text(text.replace("Version: 1.0", "Version: 2.0"))
    drifted = 'lock.json: activation "whirl": made with textzoo-whirl 1.0, installed is textzoo-whirl 2.0'
    refused(zoo(*call), 5, f"{drifted} (hint: pip install textzoo-whirl==1.0)")
    metadata.write_text(text)
    next(whirl.glob("*.py")).write_text(SOURCE + "\n# another\n")
    parts = json.loads(Path("lock.json").read_text(encoding="utf-8"))
    parts["model.activation"]["code"] = "0" * 64  # a process computes the hash once, so it is changed in the lock
    Path("lock.json").write_text(json.dumps(parts), encoding="utf-8")
    refused(zoo(*call), 5, "whose code has changed since", "pip install --force-reinstall textzoo-whirl==1.0")
    (metadata.parent / "entry_points.txt").write_text("")
    refused(zoo(*call), 5, "made with textzoo-whirl 1.0, not installed (hint: pip install textzoo-whirl==1.0)")


def test_changed_code_is_rejected(process, whirl):
    path = os.pathsep.join([str(whirl), os.environ.get("PYTHONPATH", "")])
    lock = process("recipe", "lock", "yelp-mlp", "--set", "model.activation=whirl", "-o", "l.json", PYTHONPATH=path)
    assert lock.code == 0, lock.err
    source = next(whirl.glob("*.py"))
    source.write_text(SOURCE + "\n# another\n")
    call = ("train", "yelp-mlp", "--set", "model.activation=whirl", "--locked", "l.json")
    answer = process(*call, PYTHONPATH=path)
    assert answer.code == 5
    assert 'activation "whirl": made with textzoo-whirl 1.0, whose code has changed since' in answer.err


WRONG = [
    (("--locked", "none"), 4, "run folder or lock not found"),
    (("yelp-mlp", "--locked", "lock.json"), 4, "invalid components of a run"),
    (("yelp-mlp", "--locked", "."), 4, "was not finished"),
    (("--resume", "r", "--locked", "r"), 2, "--resume uses the recipe, data and settings of the run"),
    (("--resume", "r", "--model", "mlp"), 2, "--resume uses the recipe, data and settings of the run"),
    (("--model", "mpl"), 2, '--model mpl: model: unknown model "mpl" (hint: did you mean "mlp"?)'),
    (("--vectorizer", "tf-ifd"), 2, "--vectorizer tf-ifd: vectorizer: unknown vectorizer"),
    (("--model", "mlp"), 2, "--data FILE"),
    ((), 2, "missing argument 'RECIPE': expected a name from `zoo list recipe`, a .toml file, or components by"),
]


@pytest.mark.parametrize(("call", "code", "expected"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_rejects_invalid_usage(zoo, refused, call, code, expected):
    Path("lock.json").write_text("{}", encoding="utf-8")
    refused(zoo("train", *call), code, expected)


def test_locked_recipe_with_components_on_the_command_line(zoo, reviews):
    answer = zoo("train", "yelp-perceptron", "--model", "mlp", *FEW, "--set", "model.hidden=[5]", "--data", reviews)
    assert answer.code == 0
    assert "hidden = [5]" in Path(answer.out.strip(), "recipe.toml").read_text("utf-8")
    answer = zoo("train", "--task", "yelp", *FEW, "--data", reviews)
    assert answer.out == f"{Path('runs/assembled-1')}\n"
