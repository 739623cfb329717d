"""Labels of metrics: one metric with different settings has different labels everywhere."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Literal

import pytest
from attrs import frozen

import zoo_calibration
import zoo_ngrams
import zoo_textbook
import zoo_yelp
from zoo_core import Activation, Metric, hookimpl, setting, slot
from zoo_core.components.metric_names import metric_label
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import lower_is_better_key
from zoo_core.recipes.compatibility import check
from zoo_core.training.pipeline import train


@frozen
class Odd(Metric):
    """A metric with a setting of each type."""

    name = "odd"
    response = "labels"
    higher_is_better = False
    way: Literal["near", "far"] = setting("near", "which way")
    strict: bool = setting(False, "whether")
    beta: float = setting(1.0, "how much")
    words: tuple[str, ...] = setting((), "which")
    shape: Activation = slot("relu", "f")

    def build(self, head):
        raise AssertionError("only its label is used")


@pytest.fixture(scope="module")
def wide():
    mine = ModuleType("mine")
    mine.zoo_metrics = hookimpl(lambda: [Odd])
    return open_zoo(
        plugins={
            "calibration": zoo_calibration,
            "textbook": zoo_textbook,
            "ngrams": zoo_ngrams,
            "yelp": zoo_yelp,
            "mine": mine,
        }
    )


NAMES = [
    ("f1", "f1"),
    ({"use": "f1", "average": "auto"}, "f1"),
    ({"use": "f1", "average": "micro"}, "f1[micro]"),
    ({"use": "f1", "of": "micro"}, "f1[of=micro]"),
    ({"use": "expected-calibration-error", "bins": 15}, "expected-calibration-error[bins=15]"),
    ("odd", "odd"),
    ({"use": "odd", "way": "far", "strict": True, "beta": 0.5}, "odd[far,strict=true,beta=0.5]"),
    ({"use": "odd", "words": ["a", "b"], "shape": "tanh"}, "odd[words=a+b,shape=tanh]"),
    ({"use": "odd", "beta": 1, "shape": {"use": "relu"}}, "odd"),
]


@pytest.mark.parametrize(("raw", "name"), NAMES, ids=[name for _, name in NAMES])
def test_label_has_settings_that_differ_from_defaults(wide, raw, name):
    assert metric_label(build_component(wide.registry, "metric", raw)) == name


F1S = "training.metrics=['f1', {use='f1', average='micro'}, {use='f1', of='negative'}, 'log-loss']"


@pytest.fixture(scope="module")
def noisy(reviews, tmp_path_factory):
    """The reviews, every fifth with the other label, so that no metric is 1."""
    other = {"negative": "positive", "positive": "negative"}
    head, *lines = reviews.read_text().splitlines()
    split = [line.split(",", 1) for line in lines]
    told = [f"{rating if row % 5 else other[rating]},{text}" for row, (rating, text) in enumerate(split)]
    path = tmp_path_factory.mktemp("noisy") / "reviews.csv"
    path.write_text("\n".join([head, *told, ""]))
    return path


def best_of(lines, monitor, sign):
    """The epoch of the best metric, of the lowest loss among equal ones."""
    keys = [(sign * line[f"val_{monitor}"], line["val_loss"]) for line in lines]
    return keys.index(min(keys)) + 1


def test_one_metric_several_times(small, noisy, tmp_path):
    recipe = small(F1S, "training.monitor=f1[of=negative]")
    run = train(recipe, noisy, run=tmp_path / "run")
    names = ["loss", "f1", "f1[micro]", "f1[of=negative]", "log-loss"]
    assert list(run.summary["metrics"]["test"]) == names
    assert list(run.evaluate()) == ["rows", *names]
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert all({f"val_{name}" for name in names} < set(line) for line in lines)
    assert run.summary["best_epoch"] == best_of(lines, "f1[of=negative]", -1)
    again = train(tmp_path / "run" / "recipe.toml", noisy, run=tmp_path / "again")
    assert again.summary["metrics"] == run.summary["metrics"]


def test_rejects_duplicate_metrics_and_unknown_monitor(small):
    twice = "training.metrics=[{use='f1', average='micro'}, {use='f1', average='micro'}]"
    with pytest.raises(RecipeError, match=r'has "f1\[micro\]" twice'):
        check(small(twice))
    with pytest.raises(RecipeError, match=r'"f1\[macro\]" is not one of loss, f1, f1\[micro\], f1\[of=negative\]'):
        check(small(F1S, "training.monitor=f1[macro]"))


def test_direction_of_the_monitored_metric(wide):
    metrics = [build_component(wide.registry, "metric", raw) for raw, _ in NAMES[1:4]]
    metrics.append(build_component(wide.registry, "metric", {"use": "odd", "way": "far"}))
    assert [lower_is_better_key(metrics, name)(2.0) for name in ("f1[micro]", "odd[far]", "loss")] == [-2.0, 2.0, 2.0]


ALL_METRICS = (
    "['precision', 'recall', 'f1', 'matthews', 'roc-auc', 'average-precision', 'brier', 'expected-calibration-error']"
)


@pytest.mark.parametrize("monitor", ["roc-auc", "brier", "matthews", "expected-calibration-error"])
def test_early_stopping_by_each_metric(small, noisy, tmp_path, monitor):
    settings = ("training.epochs=30", "training.patience=2", f"training.monitor={monitor}")
    run = train(small(f"training.metrics={ALL_METRICS}", *settings), noisy, run=tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    best = best_of(lines, monitor, -1 if monitor in ("roc-auc", "matthews") else 1)
    assert (run.summary["best_epoch"], run.summary["epochs"]) == (best, best + 2)


def test_unknown_class_is_reported_before_training(small, reviews, tmp_path):
    with pytest.raises(RecipeError, match=r'of: unknown class "positiv" .*did you mean "positive"'):
        train(small("training.metrics=[{use='recall', of='positiv'}]"), reviews, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()
