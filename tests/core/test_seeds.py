"""Independent random streams: swapping a component or adding a listener changes no other stream."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import zoo_calibration
import zoo_textbook
import zoo_yelp
from zoo_core import hookimpl
from zoo_core.config.zoo import open_zoo
from zoo_core.runs.store import read_run
from zoo_core.seeds import derive_seed, make_generator, preserve_rng_state, seeded
from zoo_core.training.pipeline import prepare, train

purposes = st.lists(st.one_of(st.integers(0, 99), st.text("abc", min_size=1)), min_size=1, max_size=3)


@given(st.integers(0, 2**62), purposes, purposes)
def test_stream_depends_on_seed_and_purpose_only(seed, purpose, other):
    assert derive_seed(seed, *purpose) == derive_seed(seed, *purpose)
    assert 0 <= derive_seed(seed, *purpose) < 2**63
    assert derive_seed(seed, *purpose) != derive_seed(seed + 1, *purpose)
    if list(map(str, purpose)) != list(map(str, other)):
        assert derive_seed(seed, *purpose) != derive_seed(seed, *other)


def test_numbers_are_stable():
    """Runs of older versions can be trained again only as long as these hold."""
    assert derive_seed(1337, "split") == 37303303403066753
    assert torch.randint(1000, (3,), generator=make_generator(1337, "shuffle", 1)).tolist() == [183, 736, 298]


def test_streams_are_not_correlated():
    drawn = [torch.randn(2000, generator=make_generator(1, "shuffle", epoch)) for epoch in range(6)]
    correlations = torch.corrcoef(torch.stack(drawn)) - torch.eye(6)
    assert correlations.abs().max() < 0.12


def test_global_generator_is_restored():
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    with seeded(1, "init", "model"):
        one = torch.rand(4)
        with seeded(1, "dropout", 1):
            torch.rand(9)
        after = torch.rand(4)
    with preserve_rng_state():
        torch.rand(5)
    assert torch.equal(torch.rand(4), expected)
    with seeded(1, "init", "model"):
        assert torch.equal(torch.rand(8), torch.cat([one, after]))


def test_swapping_a_component_keeps_the_rows(reviews, small):
    """Another model, optimizer or training seed is tested on the same rows."""
    base = prepare(small(), reviews)
    swaps = ["model=mlp", "optimizer=sgd", "training.seed=7", "training.batch_size=3"]
    rows = lambda prepared, name: prepared.splits[name].features.ids  # noqa: E731
    for swap in swaps:
        other = prepare(small(swap), reviews)
        assert all(torch.equal(rows(base, name), rows(other, name)) for name in base.splits)
    assert not torch.equal(rows(base, "test"), rows(prepare(small("split.seed=7"), reviews), "test"))


@pytest.mark.parametrize("name", ["yelp-perceptron", "yelp-mlp"])
def test_same_seed_gives_the_same_bytes(small, reviews, tmp_path, name):
    """Trained twice, trained from the run's own recipe, trained while a plugin that draws numbers listens."""
    drawing = ModuleType("drawing")
    drawing.zoo_batch_finished = hookimpl(lambda: torch.rand(3))
    noisy = open_zoo(
        plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "yelp": zoo_yelp, "drawing": drawing}
    )
    recipe = small(name=name)
    one = train(recipe, reviews, run=tmp_path / "one")
    train(recipe, reviews, run=tmp_path / "two")
    train(tmp_path / "one" / "recipe.toml", reviews, run=tmp_path / "three")
    train(small(name=name, zoo=noisy), reviews, run=tmp_path / "four")
    train(recipe.override("training.seed=2"), reviews, run=tmp_path / "five")
    files = {run: read_run(tmp_path / run) for run in ("one", "two", "three", "four", "five")}
    for run in ("two", "three", "four"):
        different = {name for name in files["one"] if files[run][name] != files["one"][name]}
        assert different == {"result.json"} | (
            {"calibration.json", "components.json"} if run == "four" else set()
        )  # times; owners given by hand
    assert files["five"]["model.safetensors"] != files["one"]["model.safetensors"]
    assert files["five"]["encoder.json"] == files["one"]["encoder.json"]
    assert one.summary["metrics"]["test"]["accuracy"] > 0.8
