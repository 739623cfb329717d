"""Every shipped recipe and every compatible component trains briefly on a small file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import tomlkit

from zoo_core.config.zoo import open_zoo

RECIPES = ("yelp-perceptron", "yelp-mlp", "text-mlp", "text-fast", "fasttext")
MADE = {  # header, labels and settings of a short training, for components that need other columns
    "yelp-five-stars": ("text,stars", ["1", "2", "3", "4", "5"], ("training.epochs=4", "optimizer.lr=0.1")),
    "agnews": ("title,label,description", ["1", "2", "3", "4"], ("training.epochs=4", "optimizer.lr=0.1")),
    "surnames-mlp": ("surname,nationality", ["Czech", "Dutch", "Irish"], ("training.epochs=8",)),
}
SAMPLED = {"table-fast", "tags-fast", "tags-cnn"}  # recipes of other tasks, which have samples of their own
SEQUENCES = {"text-cnn", "text-gru", "text-transformer", "agnews-cnn", "surnames-cnn", "surnames-rnn"}
KEYS = {"run", "recipe", "rows", "features", "classes", "epochs", "best_epoch", "metrics", "seconds"}
WORDS = ("soup", "salad", "steak", "cake", "tea")
ONE = ("--set", "training.epochs=1")


def write(classes, columns=("text", "label"), rows=150):
    """A file with texts that identify their class."""
    names = ("negative", "positive") if classes == 2 else [f"class {c}" for c in range(classes)]
    lines = [
        f"the {WORDS[i % classes]} of day {i % 7} was {WORDS[i % classes]}y,{names[i % classes]}" for i in range(rows)
    ]
    Path("small.csv").write_text("\n".join([",".join(columns), *lines, ""]), encoding="utf-8")
    return sorted(names)


def complete(result, recipe, classes, epochs):
    """Check the object that `zoo train --json` prints."""
    assert set(result) >= KEYS
    assert result["recipe"] == recipe
    assert result["classes"] == classes
    assert set(result["rows"]) == {"train", "val", "test"}
    assert sum(result["rows"].values()) == 150
    assert result["features"] > 0
    assert result["epochs"] == epochs
    assert 1 <= result["best_epoch"] <= epochs
    assert set(result["metrics"]) == {"val", "test"}
    for figures in result["metrics"].values():
        assert set(figures) >= {"loss", "accuracy", "f1"}
        assert all(math.isfinite(figure) for figure in figures.values())
        assert 0 <= figures["accuracy"] <= 1
    seconds = dict(result["seconds"])
    assert set(seconds) >= {"read", "encode", "fit", "total"}
    assert min(seconds.values()) >= 0
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()), abs=0.001)
    kept = json.loads((Path(result["run"]) / "result.json").read_text("utf-8"))
    until = {
        **kept.pop("seconds"),
        "total": result["seconds"]["total"],
    }  # the file cannot contain the time of its own writing
    assert until.items() <= result["seconds"].items()
    assert kept == {key: value for key, value in result.items() if key != "seconds"}


TRAINED = [(recipe, 2) for recipe in RECIPES] + [(recipe, 5) for recipe in RECIPES[2:]]


def test_shipped_recipes(zoo):
    shipped = {row["name"] for row in zoo("list", "recipe", "--json").json}
    assert shipped == {*RECIPES, *MADE, *SAMPLED, *SEQUENCES}


@pytest.mark.parametrize("recipe", MADE)
def test_recipe_with_other_columns_trains(zoo, recipe):
    header, labels, settings = MADE[recipe]
    rest = ",of the day" * (header.count(",") - 1)
    lines = [f"{WORDS[i % len(labels)]} {i % 7},{labels[i % len(labels)]}{rest}" for i in range(150)]
    Path("small.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    answer = zoo("train", recipe, "--data", "small.csv", *(w for s in settings for w in ("--set", s)), "--json")
    assert (answer.code, answer.err) == (0, "")
    result = answer.json
    names = ["Business", "Sci/Tech", "Sports", "World"] if recipe == "agnews" else labels
    complete(result, recipe, names, result["epochs"])
    assert result["metrics"]["test"]["accuracy"] == 1
    assert zoo("evaluate", result["run"], "--json").json["accuracy"] == 1


@pytest.mark.parametrize(("recipe", "classes"), TRAINED)
def test_shipped_recipe_trains_on_a_small_file(zoo, recipe, classes):
    yelp = recipe.startswith("yelp")
    names = write(classes, ("review", "rating") if yelp else ("text", "label"))
    settings = ["training.epochs=20"] if recipe == "fasttext" else ["training.epochs=4", "optimizer.lr=0.1"]
    settings += ["vectorizer.cutoff=0"] if yelp else []
    more = [word for one in settings for word in ("--set", one)]
    answer = zoo("train", recipe, "--data", "small.csv", *more, "--json")
    assert (answer.code, answer.err) == (0, "")
    result = answer.json
    complete(result, recipe, names, result["epochs"])
    assert 2 <= result["epochs"] <= 20
    assert result["metrics"]["test"]["accuracy"] == 1  # each text contains the words of its class
    answer = zoo("predict", result["run"], *(f"{word} {word}y" for word in WORDS[:classes]))
    assert [line.split(",")[1] for line in answer.out.splitlines()[1:]] == names


def test_run_stores_the_settings_of_its_recipe(zoo):
    write(2)
    assert zoo("train", "text-fast", "--data", "small.csv", "--run", "r").code == 0
    kept = tomlkit.parse((Path("r") / "recipe.toml").read_text("utf-8")).unwrap()
    shown = tomlkit.parse(zoo("show", "recipe", "text-fast").out).unwrap()
    assert kept == shown
    assert kept["vectorizer"]["words"] == [1, 3]
    assert kept["vectorizer"]["weighting"]["use"] == "log-count-ratio"


def test_both_textbook_variants_agree(zoo):
    """A sigmoid in the model with bce, and bce-with-logits: equal metrics and predictions."""
    write(2, ("review", "rating"))
    inside = ("--set", "model.output=sigmoid", "--set", "loss=bce")
    given = ("train", "yelp-perceptron", "--data", "small.csv", "--set", "vectorizer.cutoff=0", *ONE)
    one = zoo(*given, "--json").json
    other = zoo(*given, *inside, "--json").json
    assert set(one["metrics"]) == {"val", "test"}
    for split, metrics in one["metrics"].items():
        assert other["metrics"][split] == pytest.approx(metrics, rel=1e-4)
    rows = []
    for result in (one, other):
        answer = zoo("predict", result["run"], "soup", "salad", "", "--format", "jsonl")
        rows.append([json.loads(line) for line in answer.out.splitlines()])
    assert len(rows[0]) == 3
    for first, second in zip(*rows, strict=True):
        assert first["label"] == second["label"]
        assert first["p_positive"] == pytest.approx(second["p_positive"], abs=1e-5)


# components that need other settings to be compatible or small
MORE = {
    "embedding-bag": ("--set", "optimizer=sgd"),
    "hashed-ngrams": ("--set", "vectorizer.size=4096"),
}
MISFITS = {
    "softmax": "choose from",
    "log-softmax": "choose from",
    "bce": "use ",
    "asymmetric": "or task = text-tagging",
    **dict.fromkeys(("dense-columns", "scaled-numbers", "union"), "use vectorizer = "),
    **dict.fromkeys(("token-ids", "cnn", "conv-stack", "gru", "lstm", "rnn", "transformer"), "use "),
}


@pytest.mark.parametrize(
    ("recipe", "slot", "kind"),
    [
        ("text-mlp", "optimizer", "optimizer"),
        ("text-mlp", "scheduler", "scheduler"),
        ("text-mlp", "model.activation", "activation"),
        ("text-mlp", "loss", "loss"),
        ("text-fast", "vectorizer.weighting", "weighting"),
        ("text-fast", "model", "model"),
        ("text-mlp", "vectorizer", "vectorizer"),
    ],
)
def test_every_component_trains_or_is_rejected_with_alternatives(zoo, recipe, slot, kind):
    classes = write(2)
    names = open_zoo().registry.names(kind)
    assert len(names) > 1
    for name in names:
        given = ("train", recipe, "--data", "small.csv", *ONE, "--set", f"{slot}={name}", *MORE.get(name, ()))
        answer = zoo(*given, "--json")
        told = [line for line in answer.err.splitlines() if "replaces a component and drops its settings" not in line]
        if name in MISFITS:
            assert (answer.code, answer.out, len(told)) == (2, "", 1), name
            assert MISFITS[name] in told[0]
            continue
        assert (answer.code, told) == (0, []), name
        complete(answer.json, recipe, classes, 1)
        kept = tomlkit.parse((Path(answer.json["run"]) / "recipe.toml").read_text("utf-8")).unwrap()
        for key in slot.split("."):
            kept = kept[key]
        assert kept["use"] == name


def test_dropped_settings_are_named_in_a_warning(zoo):
    Path("base.toml").write_text("extends = 'text-mlp'\n[optimizer]\nuse = 'sgd'\n", "utf-8")
    Path("quiet.toml").write_text("extends = 'text-mlp'\n[optimizer]\nuse = 'adam'\n", "utf-8")
    told = "zoo: warning: --set optimizer=sgd replaces a component and drops its settings: optimizer.lr\n"
    assert zoo("recipe", "show", "text-mlp", "--set", "optimizer=sgd").err == told
    assert zoo("recipe", "show", "text-mlp", "--set", "optimizer=sgd", "--set", "optimizer.lr=1").err == ""
    assert zoo("recipe", "show", "text-mlp", "--set", "optimizer=adam").err == ""
    assert zoo("recipe", "show", "table-fast", "--set", "vectorizer.parts.text=none").err == ""
    assert (
        told.replace("--set optimizer=sgd", "--optimizer sgd")
        in zoo(*("recipe", "new", "-", "--from", "text-mlp", "--optimizer", "sgd")).err
    )
    assert (
        "base.toml:2 replaces a component and drops its settings: optimizer.lr\n"
        in zoo(*("recipe", "check", "base.toml")).err
    )
    assert zoo("recipe", "show", "base.toml").err == ""
    assert "drops" not in zoo("recipe", "check", "quiet.toml").err
