"""An error about a value names the place that set it last, in whatever layer that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo_core.config.assignment import Assignment
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.compatibility import check
from zoo_core.recipes.recipe import default_recipe, load_recipe

LAYERS = {
    "zoo.toml": """[defaults]
loss = "{defaults}"

[recipes.base]
{base}
""",
    "middle.toml": 'extends = "base"\n{middle}\n',
    "top.toml": 'extends = "middle.toml"\n{top}\n',
}
SOUND = {"defaults": "bce-with-logits", "base": "", "middle": "", "top": ""}
WRONG = {"defaults": "bcee", "base": 'loss = "bcee"', "middle": 'loss = "bcee"', "top": 'loss = "bcee"'}
PLACES = {"defaults": "zoo.toml:2", "base": "zoo.toml:5", "middle": "middle.toml:2", "top": "top.toml:2"}
ORDER = list(SOUND)


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    """`recipe(layer=text, …)`: the recipe of all layers, with these texts in them."""
    monkeypatch.chdir(tmp_path)

    def load(**texts: str):
        for name, text in LAYERS.items():
            Path(name).write_text(text.format(**{**SOUND, **texts}), "utf-8")
        return load_recipe("top.toml", zoo=open_zoo())

    return load


def places(recipe) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        check(recipe)
    return [problem.where.removeprefix(f"{Path.cwd()}/") for problem in caught.value.problems]


@pytest.mark.parametrize("layer", ORDER)
def test_wrong_value_of_each_layer(recipe, layer):
    assert places(recipe(**{layer: WRONG[layer]})) == [PLACES[layer]]


@pytest.mark.parametrize("layer", ORDER)
def test_last_of_several_wrong_values(recipe, layer):
    wrong = {name: WRONG[name] for name in ORDER[: ORDER.index(layer) + 1]}
    assert places(recipe(**wrong)) == [PLACES[layer]]


@pytest.mark.parametrize(
    "assignment", ["loss=bcee", Assignment("loss=bcee", "--loss bcee"), Assignment("training.epochs=0", "--epochs 0")]
)
def test_command_line_is_the_last_layer(recipe, assignment):
    whole = recipe(top='loss = "bcee"\n[training]\nepochs = 0').with_assignments("loss=mse", "training.epochs=1")
    place = getattr(assignment, "written_as", f"--set {assignment}")
    assert places(whole.with_assignments(assignment)) == [place]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (("model=perceptron", "model.output=relu"), "--set model.output=relu"),
        (("model.output=relu", "model=perceptron"), "--set model.output=relu"),
        (("loss=bce",), "--set loss=bce"),
        (("training.monitor=auc",), "--set training.monitor=auc"),
        (("training.metrics=['f1', 'f1']",), "--set training.metrics=['f1', 'f1']"),
        (("split.train=0.9",), "--set split.train=0.9"),
        (("split.train=0.5", "split.test=0.9"), "--set split.test=0.9"),
    ],
)
def test_conflict_of_several_values_names_the_last(recipe, given, place):
    made = recipe(top='model = "perceptron"\n[split]\ntrain = 0.7\nval = 0.15\ntest = 0.15')
    assert places(made.with_assignments(*given)) == [place]


def test_conflict_in_files_names_the_last(recipe):
    assert places(recipe(base='model = "perceptron"', top="[model]\noutput = 'relu'")) == ["top.toml:3"]
    assert places(recipe(base='model = "mlp"', middle='loss = "bce"')) == ["middle.toml:2"]


def test_missing_components_and_unknown_settings_are_listed_whole(zoo):
    wrong = ("model=mlpp", "loss=bcee", "optimizer=adamm", "training.metrics=['f11', 'accurcy']", "x=1", "training.y=1")
    with pytest.raises(RecipeError) as caught:
        check(default_recipe(zoo).with_assignments(*wrong))
    assert len(caught.value.problems) == 7


def test_missing_file_is_named_with_the_line_that_extends_it(tmp_path, monkeypatch, zoo):
    monkeypatch.chdir(tmp_path)
    Path("other.toml").touch()
    Path("mine.toml").write_text('about = "x"\nextends = "othr.toml"\n', "utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe("mine.toml", zoo=zoo)
    assert str(caught.value) == 'mine.toml:2: no such file: othr.toml (hint: did you mean "other.toml"?)'
