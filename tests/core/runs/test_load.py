"""Corrupt run folders: each is rejected with the name of the file, and nothing in it is executed."""

from __future__ import annotations

import json
import os
import random

import pytest
import safetensors.torch
import torch

from zoo_core import open_run
from zoo_core.errors import RunFolderError, ZooError
from zoo_core.runs import store

TEXTS = ["good warm food", "", "cold rude staff", "nothing known"]
FILES = [
    "encoder.json",
    "encoder.safetensors",
    "environment.json",
    "head.json",
    "manifest.json",
    "metrics.jsonl",
    "model.safetensors",
    "components.json",
    "recipe.toml",
    "result.json",
    "validation.safetensors",
]


@pytest.mark.parametrize("name", FILES)
def test_rejects_a_flipped_bit(refused, folder, name):
    draw = random.Random(name)
    path = folder / name
    data = path.read_bytes()
    for at in {0, len(data) - 1, *draw.sample(range(len(data)), min(60, len(data)))}:
        corrupt = bytearray(data)
        corrupt[at] ^= 1 << draw.randrange(8)
        path.write_bytes(corrupt)
        with pytest.raises(RunFolderError) as caught:
            store.read_run(folder)
        assert name in str(caught.value) or name == store.MANIFEST
    refused("" if name == store.MANIFEST else name, store.DAMAGED_HINT)


@pytest.mark.parametrize("name", FILES)
def test_rejects_a_missing_file(refused, folder, name):
    (folder / name).unlink()
    refused(name, "train again" if name == store.MANIFEST else store.DAMAGED_HINT)


NAMED_PIPE = pytest.param(
    "pipe", marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX"), id="pipe"
)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("thing", ["link", "dangling link", NAMED_PIPE, "folder", "shorter", "longer"])
def test_rejects_what_is_not_a_regular_file(refused, folder, tmp_path, name, thing):
    path = folder / name
    data = path.read_bytes()
    path.unlink()
    if thing == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        path.symlink_to(tmp_path / "elsewhere")
    elif thing == "dangling link":
        path.symlink_to(tmp_path / "nowhere")
    elif thing == "pipe":
        os.mkfifo(path)
    elif thing == "folder":
        path.mkdir()
    else:
        path.write_bytes(data[:-1] if thing == "shorter" else data + b"\n")
    refused(name)


@pytest.mark.parametrize(
    "name", ["../copy/head.json", "/etc/hostname", "a/b.json", "x.pkl", ".json", "A.json", "", "x"]
)
def test_rejects_unsafe_names_in_the_manifest(refused, folder, name):
    manifest = json.loads((folder / store.MANIFEST).read_bytes())
    manifest["files"][name] = manifest["files"]["head.json"]
    (folder / store.MANIFEST).write_bytes(store.to_json(manifest))
    refused(store.MANIFEST, f'"{name}"')


@pytest.mark.parametrize("manifest", [b"", b"{}", b"[]", b'{"format": 1, "files": {}}', b'{"format": 2}', b"[" * 9999])
def test_rejects_an_invalid_manifest(refused, folder, manifest):
    (folder / store.MANIFEST).write_bytes(manifest)
    refused(store.MANIFEST)


def test_rejects_another_format(refused, folder):
    (folder / store.MANIFEST).write_bytes(store.to_json({"format": 2, "files": {}}))
    refused("unsupported format: got 2, expected 1")


def test_ignores_other_files(folder, zoo, trained):
    (folder / "notes.txt").write_text("mine")
    (folder / "model.pt").write_bytes(b"\x80\x04")
    assert open_run(folder, zoo=zoo).predict(TEXTS).labels == trained.predict(TEXTS).labels


def corrupt_weights(weights):
    name = "affine.linear.weight"
    own = weights[name]
    return {
        "NaN": {**weights, name: torch.full_like(own, torch.nan)},
        "infinity": {**weights, name: torch.full_like(own, -torch.inf)},
        "one row more": {**weights, name: torch.zeros(len(own) + 1, 1)},
        "turned": {**weights, name: own.T.contiguous()},
        "double": {**weights, name: own.double()},
        "missing": {key: value for key, value in weights.items() if key != name},
        "strange": {**weights, "extra": torch.zeros(1)},
        "none": {},
    }


@pytest.mark.parametrize("fault", corrupt_weights({"affine.linear.weight": torch.zeros(2, 1)}))
def test_rejects_weights_of_another_model(refused, seal, folder, fault):
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    seal("model.safetensors", safetensors.torch.save(corrupt_weights(weights)[fault]))
    refused("model.safetensors", "the weight")


@pytest.mark.parametrize("name", ["model.safetensors", "encoder.safetensors", "validation.safetensors"])
@pytest.mark.parametrize("data", [b"", b"\x80\x04.", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}x"], ids=repr)
def test_rejects_an_invalid_safetensors_file(refused, seal, name, data):
    seal(name, data)
    refused(name)


@pytest.mark.parametrize("name", ["encoder.json", "head.json", "components.json", "result.json"])
@pytest.mark.parametrize("data", [b"", b"3", b"[]", b"{}", b"null", b'"\\ud800"', b'{"a": NaN}', b"[" * 9999], ids=repr)
def test_rejects_json_of_another_structure(refused, seal, name, data):
    data = data if (name, data) != ("components.json", b"{}") else b'{"model": {}}'
    seal(name, data)
    refused(name)


WRONG = {
    "one class": ("head.json", {"classes": ["a"]}),
    "a class twice": ("head.json", {"classes": ["a", "a"]}),
    "three classes": ("head.json", {"classes": ["a", "b", "c"]}),
    "numbers for classes": ("head.json", {"classes": [1, 2]}),
    "outputs": ("head.json", {"outputs": 2}),
    "link": ("head.json", {"link": "softmax"}),
    "width": ("encoder.json", {"num_features": 3}),
    "words": ("encoder.json", {"state": {"words": ["a", "b"]}}),
    "no words": ("encoder.json", {"state": {}}),
    "strange words": ("encoder.json", {"state": {"words": ["<UNK>", 3]}}),
}


@pytest.mark.parametrize("fault", WRONG)
def test_rejects_values_of_another_recipe(refused, seal, folder, fault):
    name, changes = WRONG[fault]
    seal(name, store.to_json({**json.loads((folder / name).read_bytes()), **changes}))
    refused(name)


NOT_RECIPES = {"[model]\nuse = 'perceptrom'": ":2: model: unknown model", "x": ":1: invalid TOML", "\xff": ""}


@pytest.mark.parametrize("text", NOT_RECIPES)
def test_rejects_an_invalid_recipe(refused, seal, text):
    seal("recipe.toml", text.encode("latin-1"))
    refused(f"recipe.toml{NOT_RECIPES[text]}")


@pytest.mark.parametrize(
    ("hidden", "message"),
    [([10**9], "model.safetensors"), ([2**31 - 1] * 2, 'recipe.toml: model "mlp" has more param')],
)
def test_rejects_a_recipe_that_requests_too_much_memory(refused, seal, folder, hidden, message):
    text = (folder / "recipe.toml").read_text()
    start, stop = text.index("[model]"), text.index("[loss]")
    seal("recipe.toml", f"{text[:start]}[model]\nuse = 'mlp'\nhidden = {hidden}\n{text[stop:]}".encode())
    refused(message)


def test_random_changes_raise_only_errors_of_the_zoo(seal, folder, zoo):
    """Bytes changed at random and sealed again: opened, or refused; never anything else."""
    draw = random.Random(1)
    for _ in range(150):
        name = draw.choice([name for name in FILES if name != store.MANIFEST])
        data = (folder / name).read_bytes()
        corrupt = bytearray(data)
        for _ in range(draw.choice([1, 1, 3])):
            corrupt[draw.randrange(min(len(data), 400))] = draw.choice(b'\0"{}[]0-9.,:aN\n\xff')
        seal(name, bytes(corrupt))
        try:
            open_run(folder, zoo=zoo).predict(TEXTS)
        except ZooError as error:
            assert error.exit_code in (2, 4, 5), name
        seal(name, data)
