"""A run with each of several optimizers, and an unknown name."""

from pathlib import Path

import pytest
from zoo_core import ZooError, load_recipe, open_run, train

SETTINGS = ("optimizer=any", "training.epochs=2", "vectorizer.cutoff=0", "training.device=cpu")


@pytest.mark.parametrize("rule", ["lion", "adabelief", "radam", "tiger"])
def test_trains_and_opens_a_run(rule: str, tmp_path: Path) -> None:
    recipe = load_recipe("yelp-perceptron").override(*SETTINGS, f"optimizer.rule={rule}")
    run = train(recipe, run=tmp_path / "run")
    assert run.summary["metrics"]["test"]["accuracy"] > 0.6
    assert open_run(run.folder).plan.optimizer.name == "any"


def test_rejects_an_unknown_name_with_a_suggestion() -> None:
    with pytest.raises(ZooError, match=r'unknown optimizer "adabeleif".*did you mean "adabelief"'):
        load_recipe("yelp-perceptron").override(*SETTINGS, "optimizer.rule=adabeleif").plan()
