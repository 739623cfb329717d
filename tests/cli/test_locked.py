"""`zoo train` of parts named on the command line, and held to a lock."""

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
    '''x: a part that comes and goes.'''
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
SAME = ("recipe.toml", "parts.json", "encoder.json", "encoder.safetensors", "model.safetensors", "metrics.jsonl")


def alike(one, other):
    return all(Path(one, name).read_bytes() == Path(other, name).read_bytes() for name in SAME)


def test_a_run_is_trained_again_to_the_same_bytes(zoo, reviews):
    assert zoo("train", "yelp-mlp", "--data", reviews, *FEW, "--seed", "7", "--run", "one").code == 0
    again = zoo("train", "--locked", "one", "--run", "two")
    assert (again.code, again.out) == (0, "two\n")
    assert "warning" not in again.err
    assert alike("one", "two")
    assert zoo("train", "one/recipe.toml", "--data", reviews, "--locked", "one", "--run", "three").code == 0
    assert alike("one", "three")


def test_other_data_is_told_of(zoo, reviews):
    assert zoo("train", "yelp-mlp", "--data", reviews, *FEW, "--run", "one").code == 0
    reviews.write_text(reviews.read_text() + "positive,a new one\n")
    again = zoo("train", "--locked", "one", "--run", "two")
    assert again.code == 0
    assert "zoo: warning: the data was " in again.err and "the weights may differ from those of one" in again.err


def test_settings_may_change_and_parts_may_not(zoo):
    assert zoo("train", "yelp-mlp", *FEW, "--run", "one").code == 0  # on the sample
    assert zoo("train", "--locked", "one", "--set", "optimizer.lr=0.1", "--run", "two").code == 0
    told = 'loss: the lock has loss "textzoo/textbook:bce-with-logits", the recipe loss "textzoo/textbook:mse"'
    answer = zoo("train", "--locked", "one", "--set", "loss=mse")
    assert (answer.code, answer.out) == (5, "")
    assert answer.lines == [f"zoo: error: {Path('one/parts.json')}: {told}"]


@pytest.fixture
def whirl(tmp_path, monkeypatch, distribution):
    """The folder of an installed distribution that brings one activation."""
    module = f"whirl_{tmp_path.name}".replace("-", "_")
    site = distribution(tmp_path / "site", "textzoo-whirl", SOURCE, module=module, plugin="whirl")
    monkeypatch.syspath_prepend(site)
    return site


def test_a_part_of_another_version_or_gone_is_refused_with_the_line_that_brings_it_back(zoo, refused, whirl):
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
    parts["model.activation"]["code"] = "0" * 64  # the hash is taken once in a process: changed here instead
    Path("lock.json").write_text(json.dumps(parts), encoding="utf-8")
    refused(zoo(*call), 5, "whose code has changed since", "pip install --force-reinstall textzoo-whirl==1.0")
    (metadata.parent / "entry_points.txt").write_text("")
    refused(zoo(*call), 5, "made with textzoo-whirl 1.0, not installed (hint: pip install textzoo-whirl==1.0)")


def test_code_that_changed_is_found_in_a_process_of_its_own(process, whirl):
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
    (("--locked", "none"), 4, "there is no such run folder or lock"),
    (("yelp-mlp", "--locked", "lock.json"), 4, "invalid components of a run"),
    (("yelp-mlp", "--locked", "."), 4, "was not finished"),
    (("--resume", "r", "--locked", "r"), 2, "--resume uses the recipe, data and settings of the run"),
    (("--resume", "r", "--model", "mlp"), 2, "--resume uses the recipe, data and settings of the run"),
    (("--model", "mpl"), 2, '--model mpl: model: unknown model "mpl" (hint: did you mean "mlp"?)'),
    (("--vectorizer", "tf-ifd"), 2, "--vectorizer tf-ifd: vectorizer: unknown vectorizer"),
    (("--model", "mlp"), 2, "--data FILE"),
    ((), 2, "missing argument 'RECIPE': expected a name from `zoo list recipe`, a .toml file, or components by"),
]


@pytest.mark.parametrize(("call", "code", "said"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_what_is_wrong(zoo, refused, call, code, said):
    Path("lock.json").write_text("{}", encoding="utf-8")
    refused(zoo("train", *call), code, said)


def test_a_recipe_with_other_parts_on_the_command_line(zoo, reviews):
    answer = zoo("train", "yelp-perceptron", "--model", "mlp", *FEW, "--set", "model.hidden=[5]", "--data", reviews)
    assert answer.code == 0
    assert "hidden = [5]" in Path(answer.out.strip(), "recipe.toml").read_text("utf-8")
    answer = zoo("train", "--task", "yelp", *FEW, "--data", reviews)
    assert answer.out == f"{Path('runs/assembled-1')}\n"
