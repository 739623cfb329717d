"""`zoo recipe`: list, show, new, check, diff, why, fits, lock."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tests.limits import limit
from zoo_core.config.zoo import open_zoo
from zoo_core.recipes.recipe import load_recipe

SHIPPED = sorted(open_zoo().recipes)
MINE = "extends = 'yelp-mlp'\n\n[model]\nactivation = 'prelu'\n"


def rows(answer):
    """The cells of a tab-separated output without its header."""
    assert (answer.code, answer.err) == (0, "")
    return [line.split("\t") for line in answer.out.splitlines()][1:]


@pytest.fixture
def mine(empty_folder):
    Path("mine.toml").write_text(MINE, encoding="utf-8")
    return "mine.toml"


def test_list(zoo):
    result = zoo("recipe", "list", "--json").json
    assert [row["recipe"] for row in result] == SHIPPED
    assert next(row for row in result if row["recipe"] == "yelp-mlp")["extends"] == "yelp-perceptron"
    assert [list(row.values()) for row in result] == rows(zoo("recipe", "list"))


@pytest.mark.parametrize("name", SHIPPED)
def test_show_prints_the_resolved_recipe(zoo, name):
    shown = zoo("recipe", "show", name)
    assert (shown.code, shown.out) == (0, zoo("show", "recipe", name).out)
    values = zoo("recipe", "show", name, "--json").json
    assert values == tomllib.loads(shown.out)
    commented = zoo("recipe", "show", name, "--annotated", "--set", "training.epochs=3").out
    assert (
        "# maximum number of passes over the training split (int, at least 1; default 100)\nepochs = 3\n" in commented
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_check_accepts_every_shipped_recipe(zoo, name):
    answer = zoo("recipe", "check", name)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.startswith(f"{name} is valid")
    result = zoo("recipe", "check", name, "--json").json
    plan = load_recipe(name).plan()
    two = plan.loss.labels == "binary" and plan.task.targets == "single-label"
    assert result == {"recipe": name, "fits": True, "problems": [], "classes": "two" if two else "any"}


def test_check_reports_conflicts_with_alternatives(zoo, refused):
    call = ("recipe", "check", "fasttext", "--set", "optimizer=adam", "--set", "loss=bce")
    result = ("loss = bce-with-logits, cross-entropy", "use optimizer = adagrad, sgd; or model = linear")
    refused(zoo(*call), 2, *result, lines=2)
    answer = zoo(*call, "--json")
    assert (answer.code, len(answer.lines)) == (2, 2)
    assert not answer.json["fits"]
    assert [sorted(problem) for problem in answer.json["problems"]] == [["hint", "message", "where"]] * 2
    assert answer.json["problems"][0]["where"] == "--set loss=bce"


def test_check_for_five_classes(zoo, refused):
    assert zoo("recipe", "check", "text-mlp", "--classes", "5").code == 0
    refused(zoo("recipe", "check", "yelp-mlp", "--classes", "5"), 2, "is for two classes, the data has 5")


def test_why(zoo, mine):
    found = rows(zoo("recipe", "why", mine, "model.activation", "--set", "model.activation=elu"))
    line = open_zoo().recipes["yelp-mlp"].locations[("model", "activation")]
    assert found == [
        ['"relu"', "default", 'model "mlp"', "overridden"],
        ['"relu"', "yelp-mlp", line, "overridden"],
        ['"prelu"', "mine.toml", "mine.toml:4", "overridden"],
        ['"elu"', "command line", "--set model.activation=elu", "in effect"],
    ]
    result = zoo("recipe", "why", mine, "model.activation", "--json").json
    assert result[-1] == {
        "layer": "mine.toml",
        "where": "mine.toml:4",
        "value": "prelu",
        "default": False,
        "in_effect": True,
    }
    found = rows(zoo("recipe", "why", mine, "model.dropout", "--set", "model=mlp"))
    assert found[-1][:2] == ["0.5", "yelp-mlp"]  # the component that the recipe has keeps its settings
    found = rows(zoo("recipe", "why", mine, "model.activation.alpha", "--set", "model.activation=elu"))
    assert found[-1] == ["1.0", "default", 'activation "elu"', "in effect"]


def test_diff(zoo, mine):
    assert rows(zoo("recipe", "diff", "yelp-mlp", mine)) == [
        ["model.activation", '"relu"', '"prelu"'],
        ["model.activation.init", "–", "0.25"],
    ]
    assert zoo("recipe", "diff", "yelp-mlp", mine, "--json").json[1] == {
        "key": "model.activation.init",
        "a": None,
        "b": 0.25,
    }
    same = zoo("recipe", "diff", mine, mine)
    assert (same.code, same.out, same.err) == (0, "", "mine.toml and mine.toml resolve to the same settings\n")


def test_fits(zoo):
    found = {row[0]: row[1:] for row in rows(zoo("recipe", "fits", "yelp-mlp", "loss"))}
    assert found["bce-with-logits"] == ["yes (current)", ""]
    assert found["bce"] == [
        "no",
        'loss "bce" expects probabilities, model "mlp" outputs logits with activation = "relu"',
    ]
    result = zoo("recipe", "fits", "yelp-mlp", "loss", "--classes", "5", "--json").json
    assert {row["name"] for row in result if not row["fits"]} == {"asymmetric", "bce", "bce-with-logits"}
    beside = zoo("recipe", "fits", "yelp-mlp", "optimizer", "--set", "loss=bce")
    assert beside.code == 0
    assert beside.err.startswith('zoo: warning: with any component in this slot: loss "bce" expects probabilities')


def test_new_recipe_trains(zoo, reviews):
    call = ("recipe", "new", "my.toml", "--task", "yelp", "--vectorizer", "one-hot", "--model", "mlp")
    settings = ("--set", "model.activation=prelu", "--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")
    answer = zoo(*call, *settings, "--about", "mine")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "my.toml written (next: zoo train my.toml --data FILE)\n"
    text = Path("my.toml").read_text("utf-8")
    assert 'about = "mine"' in text and "# initial slope a (float; default 0.25)\ninit = 0.25" in text
    assert zoo("recipe", "check", "my.toml").code == 0
    shown = zoo("recipe", "show", "my.toml").out
    assert zoo("train", "my.toml", "--data", reviews, "--run", "r").code == 0
    assert Path("r/recipe.toml").read_text("utf-8") == shown
    direct = zoo("train", *call[3:], *settings, "--data", reviews, "--run", "s")
    assert direct.code == 0
    for name in ("recipe.toml", "components.json", "model.safetensors", "metrics.jsonl"):
        assert Path("r", name).read_bytes() == Path("s", name).read_bytes(), name


def test_new_from_another_recipe_to_stdout(zoo):
    answer = zoo("recipe", "new", "-", "--from", "text-fast", "--optimizer", "sgd")
    names = "optimizer.lr, optimizer.beta2, optimizer.eps, optimizer.eps_by_rows"
    dropped = f"--optimizer sgd replaces a component and drops its settings: {names}"
    assert (answer.code, answer.err) == (0, f"zoo: warning: {dropped}\n")
    values = tomllib.loads(answer.out)
    assert (values["optimizer"]["use"], values["vectorizer"]["use"]) == ("sgd", "ngrams")


def test_new_overwrites_only_with_force(zoo, refused):
    Path("my.toml").write_text("keep", encoding="utf-8")
    refused(zoo("recipe", "new", "my.toml"), 2, "my.toml already exists", "--force")
    refused(zoo("recipe", "new", "my.toml", "--force", "--loss", "bce"), 2, '--loss bce: loss "bce" expects')
    assert Path("my.toml").read_text(encoding="utf-8") == "keep"
    assert zoo("recipe", "new", "my.toml", "--force").code == 0
    assert Path("my.toml").read_text(encoding="utf-8") != "keep"
    refused(zoo("recipe", "new", "my"), 2, "must end in .toml", "use my.toml")
    refused(zoo("recipe", "new", "none/my.toml"), 7, "cannot write none/my.toml")
    refused(zoo("recipe", "new", "x.toml", "--model", "mpl"), 2, '--model mpl: model: unknown model "mpl"', "mlp")
    assert sorted(path.name for path in Path().iterdir()) == ["my.toml"]


def test_schema(zoo):
    answer = zoo("recipe", "schema")
    assert (answer.code, answer.err) == (0, "")
    Draft7Validator.check_schema(answer.json)
    assert zoo("recipe", "schema", "-o", "s.json").code == 0
    assert Path("s.json").read_text("utf-8") == answer.out


def test_lock_equals_the_lock_of_a_run(zoo, reviews):
    assert zoo("recipe", "lock", "yelp-mlp", "-o", "l.json").code == 0
    assert zoo("recipe", "lock", "yelp-mlp", "--json").out == Path("l.json").read_text("utf-8")
    few = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")
    assert zoo("train", "yelp-mlp", "--data", reviews, *few, "--run", "r").code == 0
    assert Path("r/components.json").read_bytes() == Path("l.json").read_bytes()
    found = rows(zoo("recipe", "lock", "yelp-mlp"))
    assert ["model.activation", "relu", "textbook"] in [row[:3] for row in found]
    kept = json.loads(Path("l.json").read_text("utf-8"))
    assert [(slot, kept[slot]["code"][:12]) for slot, *_, code in found if kept[slot]["code"][:12] != code] == []


WRONG = [
    (("check", "yelp-mpl"), 'did you mean "yelp-mlp"?'),
    (("check", "none.toml"), "no such file: none.toml"),
    (("check",), "missing argument 'RECIPE'"),
    (("chekc", "yelp-mlp"), "chekc"),
    (("check", "yelp-mlp", "--set", "model=[[[[" + "[" * 40), "nested more than 32 levels deep"),
    (("why", "yelp-mlp", "model.actvation"), 'did you mean "model.activation"?'),
    (("fits", "yelp-mlp", "lsos"), 'did you mean "loss"?'),
    (("diff", "yelp-mlp", "yelp-mpl"), 'did you mean "yelp-mlp"?'),
    (("lock", "yelp-mlp", "--set", "loss=bce"), "expects probabilities"),
]


@pytest.mark.parametrize(("call", "expected"), WRONG, ids=[" ".join(row[0])[:40] for row in WRONG])
def test_rejects_invalid_usage(zoo, refused, call, expected):
    refused(zoo("recipe", *call), 2, expected)


def test_circular_extends_is_rejected(zoo, refused):
    Path("deep").mkdir()
    Path("a.toml").write_text("extends = 'deep/b.toml'\n", encoding="utf-8")
    Path("deep/b.toml").write_text("about = 'b'\nextends = '../c.toml'\n", encoding="utf-8")
    Path("c.toml").write_text("extends = './a.toml'\n", encoding="utf-8")
    circle = "a.toml → deep/b.toml → deep/../c.toml → a.toml"
    refused(zoo("recipe", "check", "a.toml"), 2, f"deep/../c.toml:1: circular extends: {circle}")


def test_extends_is_relative_to_the_file(zoo, mine):
    Path("deep").mkdir()
    Path("deep/top.toml").write_text("extends = '../mine.toml'\n", encoding="utf-8")
    assert rows(zoo("recipe", "why", "deep/top.toml", "model.activation"))[-1][2] == "deep/../mine.toml:4"


@pytest.mark.parametrize(
    "call",
    [
        ["list"],
        ["show", "yelp-mlp", "--annotated"],
        ["check", "yelp-mlp"],
        ["check", "yelp-mlp", "--set", "loss=bce"],
        ["new", "x.toml"],
        ["diff", "yelp-mlp", "fasttext"],
        ["why", "yelp-mlp", "model.dropout"],
        ["schema"],
        ["lock", "yelp-mlp"],
        ["fits", "yelp-mlp", "model"],
    ],
    ids=" ".join,
)
def test_recipe_commands_do_not_import_torch(call):
    code = (
        "import sys; from zoo_cli.main import run; code = run(['recipe', *sys.argv[1:]]); "
        "print([name for name in ('torch', 'polars', 'numpy', 'rich') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code, *call], capture_output=True, text=True, timeout=limit())
    assert result.stdout.splitlines()[-1] == "[]", result.stderr
