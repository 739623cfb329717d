"""The precision and the compilation of training: what they compute in, what stays as it is, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo_core import open_run
from zoo_core.errors import RecipeError
from zoo_core.features.batches import Batch, EncodedSplit
from zoo_core.features.layouts import Dense
from zoo_core.recipes.plan import Training
from zoo_core.training import forward_pass
from zoo_core.training.forward_pass import ForwardPass, make_forward_pass
from zoo_core.training.pipeline import fit, prepare, train


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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_compiled_training_equals_plain_training(model, small, reviews, tmp_path, capfd):
    settings = [] if model == "mlp" else ["vectorizer=token-ids", *MODELS[model], "model.embedding.dimensions=4"]
    recipe = small(f"model={model}", *settings, "training.epochs=2", "model.dropout=0.0")
    prepared = prepare(recipe, reviews)
    plain = fit(recipe, prepared, run=tmp_path / "plain")
    compiled = fit(recipe.override("training.compile=true"), prepared, run=tmp_path / "compiled")
    assert "torch" not in capfd.readouterr().err  # its notes on divided graphs
    for name, tensor in plain.module.state_dict().items():
        torch.testing.assert_close(compiled.module.state_dict()[name], tensor, rtol=1e-3, atol=1e-4)
