"""Some of the many, each in a run of the zoo; and a name that is none."""

from pathlib import Path

import pytest
from zoo_core import ZooError, load_recipe, open_run, train

SETTINGS = ("optimizer=any", "training.epochs=2", "vectorizer.cutoff=0", "training.device=cpu")


@pytest.mark.parametrize("rule", ["lion", "adabelief", "radam", "tiger"])
def test_a_run_is_trained_and_opened_again(rule: str, tmp_path: Path) -> None:
    recipe = load_recipe("yelp-perceptron").override(*SETTINGS, f"optimizer.rule={rule}")
    run = train(recipe, run=tmp_path / "run")
    assert run.summary["metrics"]["test"]["accuracy"] > 0.6
    assert open_run(run.folder).plan.optimizer.name == "any"


def test_a_name_that_is_none_is_told_with_the_nearest() -> None:
    with pytest.raises(ZooError, match=r'no optimizer "adabeleif".*did you mean "adabelief"'):
        load_recipe("yelp-perceptron").override(*SETTINGS, "optimizer.rule=adabeleif").plan()
