"""Fixtures of every test: isolation from the machine it runs on, and small runs that train quickly."""

from __future__ import annotations

import gc
import os
import random
from pathlib import Path

import pytest
from hypothesis import settings

from tests.quick import is_quick
from tests.warm.disk import fsync_at_once
from zoo_core.config.settings_layers import read_project, read_settings_file
from zoo_core.config.trust import read_record, write_record
from zoo_core.config.user_settings import project_file
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.recipe import load_recipe

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: more would wait for each other in workers
gc.set_threshold(50_000)  # new objects between collections: nearly all of what is imported stays
settings.register_profile("zoo", deadline=None, max_examples=60, database=None)
settings.load_profile("zoo")
collect_ignore = ["warm/server.py"]  # a script: it imports what lies beside it


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow, too")
    parser.addoption("--damaged", type=int, default=1_000, help="how many damaged files of each format are read")


def pytest_configure(config):
    """With `-m quick`, leave out the doctests, whose modules take long to import."""
    if config.option.markexpr == "quick" and config.args_source is config.ArgsSource.TESTPATHS:
        config.args = ["tests"]


def pytest_ignore_collect(collection_path, config):
    """With `-m quick`, import no other module of tests."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return True if config.option.markexpr == "quick" and is_test and not is_quick(collection_path) else None


def pytest_collection_modifyitems(config, items):
    """Mark quick tests, and leave those marked slow to `--slow`, with which `.ci/run` runs them."""
    for item in items:
        if is_quick(item.path):
            item.add_marker("quick")
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def pytest_collection_finish():
    """Leave the tests themselves out of each garbage collection."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _alone(tmp_path_factory):
    """No settings of the user, no disabled plugin."""
    with pytest.MonkeyPatch.context() as patch:
        file = tmp_path_factory.mktemp("none") / "zoo.toml"
        file.touch()
        patch.setenv("ZOO_CONFIG", str(file))
        patch.setenv("ZOO_STATE", "")
        patch.delenv("ZOO_DISABLE_PLUGINS", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _disk_at_once():
    """Do not wait for the disk, apart from the processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync_at_once())
        yield


@pytest.fixture
def trust_project():
    """`trust_project()`: trust the project of the working folder, as `zoo plugins trust` does."""

    def trust():
        path = project_file()
        assert path is not None
        write_record({**read_record(), str(path): read_project(path, read_settings_file(path)).seal})

    return trust


@pytest.fixture(scope="session")
def zoo(_alone):
    """The zoo of the installed plugins."""
    return open_zoo()


@pytest.fixture(scope="session")
def registry(zoo):
    return zoo.registry


@pytest.fixture(scope="session")
def reviews(tmp_path_factory) -> Path:
    """A hundred and twenty short reviews that a perceptron learns at once."""
    draw = random.Random(1)
    words = {"negative": ["bad", "cold", "rude"], "positive": ["good", "warm", "kind"]}
    lines = ["rating,review"]
    for row in range(120):
        rating = ("negative", "positive")[row % 2]
        text = " ".join(draw.choices(words[rating], k=2) + draw.choices(["food", "place", "staff", "the"], k=3))
        lines.append(f"{rating},{text} {row}")
    path = tmp_path_factory.mktemp("data") / "reviews.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


SMALL = (
    "vectorizer.cutoff=0",
    "training.batch_size=16",
    "training.epochs=3",
    "training.device=cpu",
    "optimizer.lr=0.1",
)


@pytest.fixture(scope="session")
def small(zoo):
    """`small(*overrides, zoo=…)`: the textbook's recipe, cut down to train in a moment."""

    def made(*overrides, zoo=zoo, name="yelp-perceptron"):
        recipe = load_recipe(name, zoo=zoo)
        try:
            recipe.with_assignments(*SMALL, *overrides).plan()
        except RecipeError:  # a setting of SMALL that the component of `overrides` does not have
            return recipe.with_assignments(*SMALL[1:], *overrides)
        return recipe.override(*SMALL, *overrides)

    return made


@pytest.fixture
def train_and_kill(monkeypatch):
    """`train_and_kill(recipe, data, run=…)`: a training that is killed once it has written a checkpoint."""
    from zoo_core import train
    from zoo_core.filesystem.writing import write_file
    from zoo_core.training import checkpoint

    class Killed(BaseException):
        pass

    def write_and_die(path, data):
        write_file(path, data)
        raise Killed

    def killed(recipe, data, *, run):
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(checkpoint, "write_file", write_and_die)
            train(recipe, data, run=run)

    return killed
