"""`zoo train`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.limits import limit, wait_until
from zoo_core.runs.resume_info import ResumeInfo

QUICK = ("--set", "training.epochs=2", "--set", "vectorizer.cutoff=0")
FEW = dict.fromkeys(("text-fast", "fasttext"), ("--set", "training.epochs=2"))  # they have no cutoff setting
KEYS = {"run", "recipe", "rows", "features", "classes", "epochs", "best_epoch", "metrics", "seconds"}
COURSES = ("soup", "salad", "steak", "cake", "tea")


def small(kind: str) -> tuple[str, bytes]:
    """The name and bytes of a small file in each layout."""
    labels = ("negative", "positive")
    words = ("bland", "great")
    if kind == "five-classes.tsv":
        lines = ["text\tlabel"] + [f'we had "{COURSES[i % 5]}" number {i}\t{COURSES[i % 5]}' for i in range(100)]
    elif kind == "polarity.csv":
        lines = [f'"{i % 2 + 1}","It was ""{words[i % 2]}"", really.\\nVisit {i}"' for i in range(80)]
    elif kind == "with-splits.csv":
        names = ("train", "train", "train", "train", "val", "test")
        lines = ["rating,review,split"]
        lines += [f'{labels[i % 2]},"so {words[i % 2]}, no {i}",{names[i // 2 % 6]}' for i in range(120)]
    elif kind == "binary.csv":
        lines = ["rating,review"] + [f"{labels[i % 2]},so {words[i % 2]} no {i}" for i in range(80)]
    else:
        lines = ["id,stars,words"] + [f"{i},{i % 2},so {words[i % 2]} no {i}" for i in range(80)]
    return kind, "\n".join([*lines, ""]).encode()


COLUMNS = ("--set", "task.text=words", "--set", "task.label=stars")
SHAPES = [
    ("yelp-perceptron", "binary.csv", ()),
    ("yelp-perceptron", "polarity.csv", ()),
    ("yelp-perceptron", "with-splits.csv", ()),
    ("yelp-perceptron", "other-names.csv", COLUMNS),
    ("yelp-mlp", "binary.csv", ()),
    ("yelp-mlp", "polarity.csv", ()),
    ("text-mlp", "five-classes.tsv", ()),
    ("text-mlp", "other-names.csv", COLUMNS),
    ("text-fast", "five-classes.tsv", ()),
    ("text-fast", "other-names.csv", COLUMNS),
    ("fasttext", "five-classes.tsv", ()),
]


def test_trains_on_the_sample_without_data(zoo: Callable[..., Any]) -> None:
    answer = zoo("train", "yelp-perceptron", "--set", "training.epochs=3")
    assert answer.code == 0
    assert answer.out == f"{Path('runs/yelp-perceptron-1')}\n"
    assert (Path("runs/yelp-perceptron-1") / "manifest.json").is_file()
    assert "synthetic" in answer.lines[0]
    assert zoo("train", "yelp-perceptron", "--set", "training.epochs=1").out == f"{Path('runs/yelp-perceptron-2')}\n"


def test_json_has_every_key(zoo: Callable[..., Any]) -> None:
    answer = zoo("train", "yelp-perceptron", "--set", "training.epochs=3", "--json")
    result = answer.json
    assert answer.err == ""
    assert set(result) >= KEYS
    assert result["recipe"] == "yelp-perceptron"
    assert result["rows"] == {"train": 2800, "val": 600, "test": 600}
    assert result["classes"] == ["negative", "positive"]
    assert result["features"] > 100
    assert (result["epochs"], result["best_epoch"]) == (3, 3)
    assert set(result["metrics"]) == {"val", "test"}
    for figures in result["metrics"].values():
        assert {"loss", "accuracy", "f1"} <= set(figures)
        assert 0.6 < figures["accuracy"] <= 1
    seconds = result["seconds"]
    assert set(seconds) >= {"read", "encode", "fit", "total"}
    assert min(seconds.values()) >= 0
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()), abs=0.001)


@pytest.mark.parametrize(("recipe", "kind", "more"), SHAPES)
def test_every_recipe_trains_on_every_file_layout(
    zoo: Callable[..., Any], recipe: str, kind: str, more: tuple[str, ...]
) -> None:
    name, data = small(kind)
    Path(name).write_bytes(data)
    answer = zoo("train", recipe, "--data", name, *FEW.get(recipe, QUICK), *more, "--json")
    assert answer.code == 0, answer.err
    result = answer.json
    assert result["epochs"] == 2
    assert (
        sum(result["rows"].values())
        == result["data"]["read"]
        == (120 if "splits" in kind else len(data.splitlines()) - ("polarity" not in kind))
    )
    expected = {"five-classes.tsv": sorted(COURSES), "other-names.csv": ["0", "1"]}
    assert result["classes"] == expected.get(kind, ["negative", "positive"])
    if "splits" in kind:
        assert result["rows"] == {"train": 80, "val": 20, "test": 20}
    found = zoo("predict", result["run"], "so great", "")
    assert len(found.out.splitlines()) == 3


def test_all_shipped_recipes_are_tested(zoo: Callable[..., Any]) -> None:
    shipped = {row["name"] for row in zoo("list", "recipe", "--json").json if row["plugin"] == "shipped"}
    own = {"yelp-five-stars", "agnews", "surnames-mlp", "table-fast"}  # other columns: tested in test_recipes, tables
    own |= {"tags-fast", "tags-cnn"}  # tested in plugins/tagging
    own |= {f"surnames-{model}" for model in ("cnn", "rnn")} | {"agnews-cnn"}  # tested in plugins/sequences
    own |= {f"text-{model}" for model in ("cnn", "gru", "transformer")}
    assert shipped == {recipe for recipe, _, _ in SHAPES} | own


def test_default_split_is_stratified(zoo: Callable[..., Any], reviews: Path) -> None:
    assert zoo("train", "yelp-perceptron", "--data", reviews, *QUICK, "--json").json["rows"] == {
        "train": 56,
        "val": 12,
        "test": 12,
    }


def test_sigmoid_with_bce_equals_bce_with_logits(zoo: Callable[..., Any], reviews: Path) -> None:
    ways = (), ("--set", "model.output=sigmoid", "--set", "loss=bce")
    result = [zoo("train", "yelp-perceptron", "--data", reviews, *QUICK, *way, "--json").json for way in ways]
    assert result[0]["metrics"]["test"]["accuracy"] == result[1]["metrics"]["test"]["accuracy"]
    assert result[0]["metrics"]["test"]["loss"] == pytest.approx(result[1]["metrics"]["test"]["loss"], rel=1e-4)


def test_options_change_settings(zoo: Callable[..., Any], reviews: Path) -> None:
    options = ("--seed", "7", "--device", "cpu", "--run", "here/my run", "--set", "optimizer=sgd")
    answer = zoo("train", "yelp-perceptron", "--data", reviews, *QUICK, *options)
    assert answer.out == f"{Path('here/my run')}\n"
    recipe = Path("here/my run/recipe.toml").read_text("utf-8")
    assert "seed = 7" in recipe
    assert 'device = "cpu"' in recipe
    assert 'use = "sgd"' in recipe
    assert "lr = 0.1" in recipe  # the default of sgd, not the 0.001 of adam


def test_recipe_of_a_run_is_reproducible(zoo: Callable[..., Any], reviews: Path) -> None:
    assert zoo("train", "yelp-mlp", "--data", reviews, *QUICK, "--run", "a").code == 0
    assert zoo("train", "a/recipe.toml", "--data", reviews, "--run", "b").code == 0
    assert zoo("train", "yelp-mlp", "--data", reviews, *QUICK, "--seed", "2", "--run", "c").code == 0
    weights = {name: (Path(name) / "model.safetensors").read_bytes() for name in "abc"}
    assert weights["a"] == weights["b"]
    assert weights["a"] != weights["c"]


def test_reads_rows_from_stdin(zoo: Callable[..., Any], reviews: Path) -> None:
    answer = zoo("train", "yelp-perceptron", "--data", "-", *QUICK, "--json", stdin=reviews.read_bytes())
    assert answer.json["data"]["source"] == "stdin"
    assert zoo("evaluate", answer.json["run"]).code == 2
    assert zoo("evaluate", answer.json["run"], "--data", reviews, "--json").json["rows"] == 80


def test_rows_without_a_label_are_dropped_and_counted(zoo: Callable[..., Any], reviews: Path) -> None:
    reviews.write_bytes(reviews.read_bytes() + b",nobody rated this\n  ,nor this\n")
    result = zoo("train", "yelp-perceptron", "--data", reviews, *QUICK, "--json").json
    assert result["data"]["read"] == 82
    assert result["data"]["dropped"] == {"no label": 2}
    assert result["data"]["read"] == sum(result["rows"].values()) + sum(result["data"]["dropped"].values())
    assert "2 rows dropped: no label" in zoo("train", "yelp-perceptron", "--data", reviews, *QUICK).err


def test_texts_in_two_splits_are_counted_and_reported(zoo: Callable[..., Any]) -> None:
    name, data = small("with-splits.csv")
    twice = b'negative,"so bland, no 0",test\npositive,"so great, no 1",val\npositive,"so great, no 1",test\n'
    Path(name).write_bytes(data + twice)
    assert zoo("train", "yelp-perceptron", "--data", name, *QUICK, "--json").json["data"]["leaked"] == {
        "val": 1,
        "test": 2,
    }
    result = zoo("train", "yelp-perceptron", "--data", name, *QUICK)
    assert "1 of 21 texts in val" in result.err
    assert "2 of 22 texts in test" in result.err


@pytest.mark.parametrize("way", [("--set", "loss=mse"), ()])
def test_non_finite_loss_ends_the_run(zoo: Callable[..., Any], reviews: Path, way: tuple[str, ...]) -> None:
    changes = ("--set", "optimizer=sgd", "--set", "optimizer.lr=1e30", *way, "--set", "training.batch_size=4")
    answer = zoo("train", "yelp-mlp", "--data", reviews, *QUICK, *changes)
    assert answer.code == 6
    assert answer.out == ""
    assert re.search(r"loss became (nan|-?inf) in epoch \d+, step \d+ \(hint: .*optimizer\.lr", answer.err)
    assert len(answer.lines) == 1
    assert not list(Path().glob("runs/*"))


LISTENER = """
from zoo_core import hookimpl
from pathlib import Path

@hookimpl
def zoo_epoch_finished(epoch, metrics, best):
    Path("epoch").write_text(str(epoch))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.slow
def test_interrupted_run_saves_its_best_weights(
    zoo: Callable[..., Any], distribution: Callable[..., Path], reviews: Path, number: signal.Signals, code: int
) -> None:
    path = distribution(Path("site").absolute(), "textzoo-listener", LISTENER, module="listener_of_epochs")
    endless = ("--set", "training.epochs=100000000", "--set", "training.patience=0", "--set", "vectorizer.cutoff=0")
    command = [sys.executable, "-m", "zoo_cli", "train", "yelp-perceptron", "--data", str(reviews), *endless, "--json"]

    zoo_process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: Path("epoch").exists() or zoo_process.poll() is not None, "an epoch has ended")
    zoo_process.send_signal(number)
    out, err = zoo_process.communicate(timeout=limit())
    assert zoo_process.returncode == code, err.decode()
    result = json.loads(out)
    assert result["interrupted"] == number.name
    assert result["best_epoch"] >= 1
    assert err.decode().count("\n") == 1
    assert zoo("predict", result["run"], "so great").code == 0
    assert zoo("evaluate", result["run"], "--json").json["accuracy"] == result["metrics"]["test"]["accuracy"]
    assert zoo("runs", "--json").json[0]["state"] == "interrupted"


def test_resume_uses_the_settings_of_the_run(zoo: Callable[..., Any], reviews: Path) -> None:
    beside = zoo("train", "yelp-perceptron", "--resume", "run")
    assert (beside.code, len(beside.lines)) == (2, 1) and "recipe, data and settings of the run" in beside.err
    assert zoo("train").code == 2
    assert zoo("train", "--resume", "nowhere").code == 4
    zoo("train", "yelp-perceptron", "--data", str(reviews), "--run", "run", *QUICK)
    finished = zoo("train", "--resume", "run")
    assert finished.code == 2 and "is finished" in finished.err
    Path("other").mkdir()
    desk = Path(".other.unfinished")
    desk.mkdir()
    recipe = Path("run/recipe.toml").read_text("utf-8")
    ResumeInfo("yelp-perceptron", recipe, [str(reviews)], "", str(Path.cwd())).write(desk)
    assert sorted(row["state"] for row in zoo("runs", ".", "--json").json) == ["finished", "unfinished: --resume"]
    resumed = zoo("train", "--resume", "other")
    assert (resumed.code, resumed.out) == (0, "other\n")
    assert Path("other/model.safetensors").read_bytes() == Path("run/model.safetensors").read_bytes()
    assert not desk.exists()


def test_balanced_class_weights_find_the_rare_class(zoo: Callable[..., Any]) -> None:
    rows = [
        f"{'rare' if n % 20 == 0 else 'common'},the {'odd' if n % 10 == 0 else 'plain'} soup {n % 7}"
        for n in range(800)
    ]
    Path("uneven.csv").write_text("\n".join(["label,text", *rows]), "utf-8")
    few = ("--set", "training.epochs=5", "--set", "vectorizer.cutoff=0", "--json")
    result = {
        way: zoo("train", "text-mlp", "--data", "uneven.csv", "--set", f"training.class_weights={way}", *few).json
        for way in ("none", "balanced")
    }
    predicted = {way: zoo("predict", one["run"], "the odd soup 3").out for way, one in result.items()}
    assert "common" in predicted["none"].splitlines()[1].split(",")[1]
    assert "rare" in predicted["balanced"].splitlines()[1].split(",")[1]
    wrong = zoo("train", "text-mlp", "--data", "uneven.csv", "--set", "training.class_weights=even")
    assert wrong.code == 2 and "balanced" in wrong.err
