"""Locks: the components at the time of locking compared with the current ones."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from zoo_core.config.zoo import open_zoo
from zoo_core.errors import InputOutputError, PluginError, RecipeError, RunFolderError
from zoo_core.recipes.recipe import load_recipe
from zoo_core.runs import lockfile as locks
from zoo_core.runs.schemas import FINGERPRINT_KEYS
from zoo_core.training.pipeline import train


@pytest.fixture(scope="module")
def run(reviews, small, tmp_path_factory):
    return train(small(), reviews, run=tmp_path_factory.mktemp("locked") / "run")


@pytest.fixture
def changed(zoo, tmp_path):
    """`changed(slot, key=value, …)`: the lock of the textbook's recipe with something else in it, read back."""
    recipe = load_recipe("yelp-perceptron", zoo=zoo)

    def made(slot="model", **values):
        parts = json.loads(locks.make_lock(recipe.plan(), zoo))
        parts[slot].update({"cls": parts[slot]["class"], **values})
        parts[slot]["class"] = parts[slot].pop("cls")
        (tmp_path / "lock.json").write_text(json.dumps(parts))
        return locks.read_lock(tmp_path / "lock.json")

    return made


def test_a_run_stores_its_lock(run, zoo):
    lock = locks.read_lock(run.folder)
    assert (run.folder / "components.json").read_bytes() == locks.make_lock(run.plan, zoo)
    locks.verify_lock(lock, zoo)
    recipe = locks.recipe_from_lock(lock, locks.zoo_for_lock(lock, zoo))
    assert recipe.plan() == run.plan
    locks.verify_plan(lock, recipe.plan(), zoo)


def test_a_run_trained_again_has_the_same_bytes(run, zoo, tmp_path):
    lock = locks.read_lock(run.folder)
    data, reader = locks.locked_data(lock, run.plan)
    again = train(locks.recipe_from_lock(lock, zoo), data, run=tmp_path / "again", reader=reader)
    assert locks.environment_differences(lock, again.folder) == []
    for name in ("recipe.toml", "components.json", "encoder.safetensors", "model.safetensors", "metrics.jsonl"):
        assert (again.folder / name).read_bytes() == (run.folder / name).read_bytes(), name


def test_reports_another_file_or_environment(run, zoo, tmp_path):
    lock = locks.read_lock(run.folder)
    other = evolve(lock, data={**lock.data, "sha256": "0"}, environment={**lock.environment, "torch": "1.0"})
    told = locks.environment_differences(other, run.folder)
    assert len(told) == 2
    assert told[0].startswith("the data was 0, now ") and told[1].startswith("torch was 1.0, now ")


DRIFTS = [
    # the lock, the expected message, and the command that restores the package
    (
        {"version": "9.9"},
        'model "perceptron": made with textzoo 9.9, installed is textzoo ',
        "pip install textzoo==9.9",
    ),
    ({"code": "0" * 64}, "whose code has changed since", "pip install --force-reinstall textzoo=="),
    ({"cls": "zoo_textbook.models.Other"}, "whose code has changed since", "--force-reinstall"),
    ({"name": "gone"}, 'model "gone": made with textzoo ', "pip install textzoo=="),
    (
        {"distribution": "textzoo-gone", "plugin": "gone", "version": "2.0"},
        "made with textzoo-gone 2.0, not installed",
        "pip install textzoo-gone==2.0",
    ),
]


@pytest.mark.parametrize(("values", "said", "line"), DRIFTS, ids=[row[2] for row in DRIFTS])
def test_reports_a_changed_component(changed, zoo, values, said, line):
    with pytest.raises(PluginError) as caught:
        locks.verify_lock(changed(**values), zoo)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.hint.startswith("pip install ") and line in problem.hint
    assert problem.where.endswith("lock.json")
    assert caught.value.exit_code == 5


def test_reports_components_of_one_cause_together(run, zoo):
    lock = locks.read_lock(run.folder)
    parts = {slot: {**part, "version": "9.9"} for slot, part in lock.components.items()}
    with pytest.raises(PluginError) as caught:
        locks.verify_lock(evolve(lock, components=parts), zoo)
    (problem,) = caught.value.problems
    assert 'loss "bce-with-logits"' in problem.message and 'task "yelp"' in problem.message


def test_reports_a_disabled_plugin(run):
    with pytest.raises(PluginError, match=r'plugin "yelp" .* is disabled'):
        locks.verify_lock(locks.read_lock(run.folder), open_zoo(disabled=("yelp",)))


def test_reports_each_slot_with_another_component(changed, zoo):
    recipe = load_recipe("yelp-perceptron", zoo=zoo)
    with pytest.raises(PluginError) as caught:
        locks.verify_plan(changed(), recipe.override("model=mlp", "training.metrics=['f1']").plan(), zoo)
    told = [problem.message for problem in caught.value.problems]
    slots = {"model", "model.output", "model.activation", "training.metrics.0", "training.metrics.1"}
    assert {one.partition(":")[0] for one in told} == slots and len(told) == len(slots)
    message = 'the lock has model "textzoo/textbook:perceptron", the recipe has model "textzoo/textbook:mlp"'
    assert message in " ".join(told)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"not json", b'{"model": {}}', b'{"model": 3}', b"\xff", b'{"a": ' * 5000]
    + [
        json.dumps({"model": dict.fromkeys(FINGERPRINT_KEYS, "x") | {key: "x; rm -rf ~"}}).encode()
        for key in ("distribution", "version", "plugin", "kind", "name")
    ]
    + [
        json.dumps({"model": dict.fromkeys(FINGERPRINT_KEYS, "x") | {"distribution": "--index-url=x"}}).encode(),
    ],
)
def test_rejects_an_invalid_lock(tmp_path, content):
    (tmp_path / "lock.json").write_bytes(content)
    with pytest.raises(RunFolderError) as caught:
        locks.read_lock(tmp_path / "lock.json")
    assert str(tmp_path / "lock.json") in str(caught.value)


def test_reports_a_lock_that_cannot_be_read(tmp_path):
    with pytest.raises(RunFolderError, match="run folder or lock not found"):
        locks.read_lock(tmp_path / "none")
    with pytest.raises(RunFolderError, match="was not finished"):
        locks.read_lock(tmp_path)
    with pytest.raises(InputOutputError, match="cannot read"):
        locks.read_lock(tmp_path / ("x" * 5000))


def test_a_lock_of_a_recipe_has_no_recipe(changed, zoo):
    with pytest.raises(RecipeError, match="holds no recipe"):
        locks.recipe_from_lock(changed(), zoo)


def test_data_from_a_pipe_cannot_be_read_again(run):
    lock = locks.read_lock(run.folder)
    with pytest.raises(RecipeError, match="standard input"):
        locks.locked_data(evolve(lock, data={**lock.data, "origin": "stdin"}), run.plan)
    assert locks.locked_data(evolve(lock, data={**lock.data, "origin": "sample"}), run.plan) == (None, "")
