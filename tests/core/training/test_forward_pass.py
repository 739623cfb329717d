"""The precision and the compilation of training: what they compute in, what stays as it is, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from tests.limits import limit
from zoo_core import load_recipe, open_run
from zoo_core.errors import RecipeError
from zoo_core.features.batches import Batch, EncodedSplit
from zoo_core.features.layouts import Dense
from zoo_core.recipes.plan import Training
from zoo_core.training import forward_pass
from zoo_core.training.forward_pass import ForwardPass, make_forward_pass
from zoo_core.training.pipeline import train


def batch_of(rows: int = 3) -> Batch:
    return Batch(Dense(torch.linspace(0, 1, rows * 4).view(rows, 4)), torch.zeros(rows).long(), torch.arange(rows))


def test_bf16_computes_in_bf16_and_gives_float32():
    module, seen = nn.Linear(4, 2), []

    class Watched(nn.Module):
        def forward(self, features):
            seen.append(module(features.values).dtype)
            return module(features.values)

    plain, mixed = (ForwardPass(precision)(Watched(), batch_of()) for precision in (torch.float32, torch.bfloat16))
    assert (seen, plain.dtype, mixed.dtype) == ([torch.float32, torch.bfloat16], torch.float32, torch.float32)
    torch.testing.assert_close(mixed, plain, rtol=0.02, atol=0.02)
    mixed.sum().backward()
    assert module.weight.grad.dtype == torch.float32


MODELS = {
    "cnn": ["model.channels=4", "model.windows=[2]"],
    "gru": ["model.units=4"],
    "transformer": ["model.units=8", "model.layers=1", "model.heads=2", "model.feed_forward=8"],
}


@pytest.mark.parametrize("model", ["mlp", *MODELS])
def test_every_layout_trains_in_bf16(model, small, reviews, tmp_path, zoo):
    settings = [] if model == "mlp" else ["vectorizer=token-ids", *MODELS[model], "model.embedding.dimensions=4"]
    recipe = small(f"model={model}", *settings, "training.precision=bf16", "training.epochs=2")
    run = train(recipe, reviews, run=tmp_path / "run")
    assert {tensor.dtype for tensor in run.module.state_dict().values()} == {torch.float32}
    opened = open_run(run.folder, zoo=zoo)
    assert opened.evaluate()["loss"] == run.summary["metrics"]["test"]["loss"]  # predictions are float32


def test_a_gpu_without_bf16_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda emulated: False)
    split = EncodedSplit(Dense(torch.zeros(2, 4)), torch.zeros(2).long())
    settings = Training(precision="bf16", metrics=())
    with pytest.raises(RecipeError, match="precision = bf16, but this GPU does not compute in bf16"):
        make_forward_pass(settings, nn.Linear(4, 2), split, torch.device("cuda"))


def test_without_a_compiler_there_is_one_line(monkeypatch, small, reviews, tmp_path):
    def fail(*_args, **_options):
        raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\n\nand much more")

    monkeypatch.setattr(forward_pass, "compile_module", lambda module: fail)
    with pytest.raises(RecipeError) as caught:
        train(small("training.compile=true"), reviews, run=tmp_path / "run")
    [line] = str(caught.value).splitlines()
    assert line.startswith("training.compile: torch cannot compile the model: InvalidCxxCompiler: No working C++")
    assert "install a C++ compiler" in line


COMPILED = """
import sys
from zoo_core import load_recipe, train

data, folder, *settings = sys.argv[1:]
recipe = load_recipe("yelp-perceptron").with_assignments(*settings)
train(recipe.override("training.compile=true"), data, run=folder)
"""


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_compiled_training_equals_plain_training(model, reviews, tmp_path, zoo):
    settings = [] if model == "mlp" else ["vectorizer=token-ids", *MODELS[model], "model.embedding.dimensions=4"]
    settings = [f"model={model}", *settings, "training.epochs=2", "model.dropout=0.0", "optimizer.lr=0.1"]
    plain = train(load_recipe("yelp-perceptron", zoo=zoo).with_assignments(*settings), reviews, run=tmp_path / "plain")
    # in a process of its own, since torch's compiler wants to import modules that others have not imported before it
    command = [sys.executable, "-c", COMPILED, str(reviews), str(tmp_path / "compiled"), *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=limit())
    assert "torch" not in done.stderr  # its notes on divided graphs
    compiled = open_run(tmp_path / "compiled", zoo=zoo)
    for name, tensor in plain.module.state_dict().items():
        torch.testing.assert_close(compiled.module.state_dict()[name], tensor, rtol=1e-3, atol=1e-4)
