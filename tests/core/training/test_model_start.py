"""The start of a model: called once before the first epoch, recorded, and not repeated when a run is resumed."""

from __future__ import annotations

import json

import pytest
import torch
from attrs import frozen

from tests.core.training.test_events import OURS, offering
from tests.core.training.test_run_events import copy_checkpoint, resume_copy
from zoo_cli.evaluation.training_summary import print_start
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import PluginError, RunFolderError
from zoo_core.runs.load import open_run
from zoo_core.runs.lockfile import environment_differences, read_lock
from zoo_core.training.pipeline import train
from zoo_textbook.models import Perceptron

REPORT = {"file": "vectors.txt", "words": 1234, "share": 0.51234}


def zoo_with(start):
    """A zoo with a perceptron that has a start, and the list of its calls."""
    calls = []

    def called(self, module, *, train, feature_names):
        calls.append((len(train), len(feature_names)))
        return start(module)

    members = {"name": "started", "start": called, "__doc__": "A perceptron.\n\n    Source: the tests."}
    model = frozen(type("Started", (Perceptron,), {"__module__": __name__, **members}))
    return open_zoo(plugins={**OURS, "mine": offering(zoo_models=lambda: [model])}), calls


def fill(module):
    module.affine.linear.weight.fill_(0.25)
    return REPORT


def test_the_start_is_called_once_and_its_report_is_stored(reviews, small, tmp_path, capsys):
    zoo, calls = zoo_with(fill)
    run = train(
        small("model=started", "training.epochs=1", "optimizer.lr=1e-9", zoo=zoo), reviews, run=tmp_path / "run"
    )
    assert calls == [(run.summary["rows"]["train"], run.summary["features"])]
    torch.testing.assert_close(run.module.affine.linear.weight, torch.full_like(run.module.affine.linear.weight, 0.25))
    assert json.loads((tmp_path / "run" / "result.json").read_text())["start"] == REPORT
    assert open_run(tmp_path / "run", zoo=zoo).summary["start"] == REPORT
    assert len(calls) == 1
    print_start(run.summary["start"])
    assert capsys.readouterr().err == "model: file: vectors.txt; words: 1,234; share: 0.5123\n"


def test_a_resumed_training_keeps_the_report_and_starts_nothing(reviews, small, tmp_path):
    zoo, calls = zoo_with(fill)
    zoo.plugins.add_listener("copy", offering(zoo_batch_finished=copy_checkpoint(tmp_path / "run")))
    train(small("model=started", "training.checkpoint=0", zoo=zoo), reviews, run=tmp_path / "run")
    weights = (tmp_path / "run" / "model.safetensors").read_bytes()
    again, repeated = zoo_with(fill)
    resumed = resume_copy(tmp_path / "run", again)
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == weights
    assert resumed.summary["start"] == REPORT
    assert (len(calls), repeated) == (1, [])


def test_what_a_start_draws_follows_the_seed_alone(reviews, small, tmp_path):
    zoo, drawn = zoo_with(lambda module: {"first": float(torch.rand(1))})[0], []
    for number, seed in enumerate((1, 1, 2)):
        torch.manual_seed(number)
        recipe = small("model=started", "training.epochs=1", f"training.seed={seed}", zoo=zoo)
        drawn.append(train(recipe, reviews, run=tmp_path / str(number)).summary["start"]["first"])
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (lambda module: module.register_buffer("more", torch.ones(2)) or {}, "changed the names, shapes or types"),
        (lambda module: {"sum": float(module.affine.linear.weight.fill_(torch.nan).sum())}, "not finite"),
        (lambda module: {"words": [1]}, "texts and numbers by name"),
        (lambda module: None, "texts and numbers by name"),
    ],
)
def test_a_broken_start_is_attributed(reviews, small, tmp_path, start, message):
    with pytest.raises(PluginError, match=message):
        train(small("model=started", zoo=zoo_with(start)[0]), reviews, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_changed_report_is_rejected(reviews, small, tmp_path):
    zoo, _ = zoo_with(fill)
    zoo.plugins.add_listener("copy", offering(zoo_batch_finished=copy_checkpoint(tmp_path / "run")))
    recipe = small("model=started", "training.checkpoint=0", zoo=zoo)
    train(recipe, reviews, run=tmp_path / "run")
    for path in (tmp_path / "copy").glob("checkpoint*"):
        path.write_bytes(path.read_bytes().replace(b"vectors.txt", b"vectors.tx\x00"))
    with pytest.raises(RunFolderError, match="damaged checkpoint"):
        resume_copy(tmp_path / "run", zoo)


def test_a_lock_tells_of_another_start(reviews, small, tmp_path):
    zoo, _ = zoo_with(lambda module: {"sha256": "a" * 64})
    train(small("model=started", "training.epochs=1", zoo=zoo), reviews, run=tmp_path / "first")
    zoo, _ = zoo_with(lambda module: {"sha256": "b" * 64})
    train(small("model=started", "training.epochs=1", zoo=zoo), reviews, run=tmp_path / "second")
    lock = read_lock(tmp_path / "first")
    assert environment_differences(lock, tmp_path / "first") == []
    assert environment_differences(lock, tmp_path / "second") == [f"sha256 of the model was {'a' * 64}, now {'b' * 64}"]
