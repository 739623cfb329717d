"""`zoo list`, `zoo show`, and help, version and unknown names of all commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from importlib import metadata

import pytest

from tests.limits import limit
from zoo_cli.main import COMMANDS
from zoo_core.components.kinds import KINDS
from zoo_core.config.zoo import open_zoo

HEADER = ["kind", "name", "plugin", "about"]
SHIPPED = {"yelp-perceptron", "yelp-mlp", "text-mlp", "text-fast", "fasttext"}
SHIPPED |= {"yelp-five-stars", "agnews", "surnames-mlp", "table-fast", "tags-fast", "tags-cnn"}
SHIPPED |= {"text-cnn", "text-gru", "text-transformer", "agnews-cnn", "surnames-cnn", "surnames-rnn"}
CALLS = (
    [(name,) for name in COMMANDS]
    + [("data", "sample"), ("plugins", "list")]
    + [("plot", name) for name in ("activation", "loss", "run")]
    + [("recipe", name) for name in ("check", "diff", "fits", "list", "lock", "new", "schema", "show", "why")]
)


def table(answer):
    """The cells of a tab-separated output."""
    assert (answer.code, answer.err) == (0, "")
    return [line.split("\t") for line in answer.out.splitlines()]


def test_list_has_every_component_and_recipe(zoo, registry_entries):
    rows = table(zoo("list"))
    assert rows[0] == HEADER
    assert sorted(tuple(row[:3]) for row in rows[1:] if row[0] != "recipe") == sorted(registry_entries)
    assert {row[1] for row in rows if row[0] == "recipe"} == SHIPPED
    assert all(len(row) == 4 and row[3] for row in rows)
    order = list(dict.fromkeys(row[0] for row in rows[1:]))
    assert order == [*(kind.name for kind in KINDS), "recipe"]


@pytest.fixture(scope="module")
def registry_entries():
    entries = [(entry.kind, entry.name, entry.owner.plugin) for entry in open_zoo().registry.entries]
    assert len(entries) > 50
    return entries


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_list_of_one_kind_is_a_part_of_the_list(zoo, registry_entries, kind):
    rows = table(zoo("list", kind))
    assert rows[0] == HEADER
    assert [tuple(row[:3]) for row in rows[1:]] == [one for one in registry_entries if one[0] == kind]
    assert [row for row in table(zoo("list")) if row[0] == kind] == rows[1:]


@pytest.mark.parametrize("kind", [(), ("activation",), ("recipe",)])
def test_list_json_equals_the_table(zoo, kind):
    result = zoo("list", *kind, "--json").json
    assert [list(row) for row in result] == [HEADER] * len(result)
    assert [list(row.values()) for row in result] == table(zoo("list", *kind))[1:]


def test_show_prints_settings_contract_and_source(zoo):
    answer = zoo("show", "optimizer", "sgd")
    result = answer.out
    assert (answer.code, answer.err) == (0, "")
    assert result.startswith("optimizer sgd   (textzoo/textbook:sgd)\n")
    assert "w ← w - lr·g" in result  # the formula
    assert "Source: Rao & McMahan" in result
    at = result.splitlines().index("  lr = 0.1   (float, above 0)")
    assert result.splitlines()[at + 1].strip() == "learning rate"
    assert "  acts: elementwise\n  range: -inf, inf\n  is_probability: no\n" in zoo("show", "activation", "prelu").out
    assert zoo("show", "activation", "relu").out.endswith("\nSettings: none\n")
    assert (
        "Contract" in zoo("show", "activation", "relu").out and "Contract" not in zoo("show", "tokenizer", "words").out
    )
    assert 'activation = "relu"   (activation, acts elementwise)' in zoo("show", "model", "mlp").out


def test_every_component_can_be_shown(zoo, registry_entries):
    for kind, name, plugin in registry_entries:
        result = zoo("show", kind, name, "--json").json
        assert (result["kind"], result["name"], result["owner"]) == (kind, name, f"textzoo/{plugin}:{name}")
        assert result["version"] == metadata.version("textzoo")
        text = zoo("show", kind, name).out
        assert result["help"] in text
        for one in result["settings"]:
            assert one["help"] in text
            assert f"\n  {one['name']} = {json.dumps(one['default'])}   ({one['type']}" in text
        for key in result["contract"]:
            assert f"\n  {key}: " in text


@pytest.mark.parametrize("kind", ["activation", "loss", "model", "optimizer", "vectorizer", "weighting", "metric"])
def test_every_component_names_its_source(zoo, registry_entries, kind):
    names = [entry[1] for entry in registry_entries if entry[0] == kind]
    assert names
    assert [name for name in names if "\nSource: " not in zoo("show", kind, name).out] == []


def test_show_json_is_complete(zoo):
    result = zoo("show", "activation", "prelu", "--json").json
    assert result["contract"] == {"acts": "elementwise", "range": ["-inf", "inf"], "is_probability": False}
    setting = {"name": "init", "type": "float", "default": 0.25, "limits": "", "where": {}}
    assert result["settings"] == [{**setting, "help": "initial slope a"}]


@pytest.mark.parametrize(
    ("bare", "full"),
    [
        (("show", "prelu"), ("show", "activation", "prelu")),
        (("show", "textbook:prelu"), ("show", "activation", "prelu")),
        (("show", "yelp-mlp"), ("show", "recipe", "yelp-mlp")),
        (("show", "recipes", "yelp-mlp"), ("show", "recipe", "yelp-mlp")),
        (("show", "activations", "prelu"), ("show", "activation", "prelu")),
        (("show", "loss"), ("list", "loss")),
        (("list", "losses"), ("list", "loss")),
        (("list", "recipes"), ("list", "recipe")),
        (("recipes", "list"), ("recipe", "list")),
        (("plugin", "list"), ("plugins", "list")),
    ],
)
def test_bare_names_and_plurals(zoo, bare, full):
    short, long = zoo(*bare, "--json"), zoo(*full, "--json")
    assert (short.code, without_seconds(short.out), short.err) == (0, without_seconds(long.out), "")


def without_seconds(output: str) -> str:
    """The output without the seconds that plugins took to load."""
    return re.sub(r'"seconds": [0-9.]+', "", output)


def test_bare_name_of_several_components_lists_them(zoo, registry_entries):
    count = Counter(name for _, name, _ in registry_entries)
    for name in [name for name, number in count.items() if number > 1]:
        answer = zoo("show", name, "--json")
        assert {row["name"] for row in answer.json} == {name} and "name the kind, too" in answer.err


def test_qualified_names(zoo):
    plain = zoo("show", "activation", "relu").out
    assert zoo("show", "activation", "textbook:relu").out == plain
    assert zoo("show", "activation", "textzoo/textbook:relu").out == plain
    assert zoo("show", "activation", "yelp:relu").code == 2


def test_show_recipe_prints_every_setting(zoo, reviews):
    shown = zoo("show", "recipe", "yelp-mlp")
    assert shown.code == 0
    (reviews.parent / "shown.toml").write_text(shown.out, "utf-8")
    assert zoo("show", "recipe", "shown.toml").out == shown.out
    result = zoo("show", "recipe", "yelp-mlp", "--json").json
    assert result["model"]["use"] == "mlp"
    assert result["model"]["hidden"] == [100]
    assert result["optimizer"]["lr"] == 0.001
    assert result["training"]["epochs"] == 100


WRONG = [
    (("list", "activatoin"), 'unknown kind "activatoin"', 'did you mean "activation"?'),
    (("list", "recipse"), 'unknown kind "recipse"', 'did you mean "recipe"?'),
    (("show", "prellu"), 'no component or recipe is called "prellu"', 'did you mean "prelu"?'),
    (("show", "zzzzzz"), 'no component or recipe is called "zzzzzz"', "see zoo list"),
    (("list", "zzz"), 'unknown kind "zzz"', "choose from activation, augmenter, calibrator"),
    (("show", "activatoin", "relu"), 'unknown kind "activatoin"', 'did you mean "activation"?'),
    (("show", "activation", "rleu"), 'unknown activation "rleu"', 'did you mean "relu"?'),
    (("show", "recipe", "yelp-mpl"), 'unknown recipe "yelp-mpl"', 'did you mean "yelp-mlp"?'),
    (("list", "--jsno"), "no such option: --jsno", "--json"),
]


@pytest.mark.parametrize(("call", "expected", "hint"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_unknown_name_is_rejected_with_a_hint(zoo, refused, call, expected, hint):
    refused(zoo(*call), 2, expected, hint, "(hint: ")


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_every_help_ends_with_an_example(zoo, call):
    answer = zoo(*call, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert f"Usage: zoo {' '.join(call)} " in answer.out
    example = " ".join(answer.out.partition("\n  Example: ")[2].split())
    assert example.startswith(f"zoo {' '.join(call)}")
    assert zoo("--help").out.partition("\n  Example: ")[2].startswith("zoo ")


def test_zoo_without_arguments_prints_help(zoo):
    alone = zoo()
    assert (alone.code, alone.out) == (2, "")
    assert alone.err.rstrip() == zoo("--help").out.rstrip()
    listed = [line.split()[0] for line in alone.err.partition("Commands:\n")[2].split("\n\n")[0].splitlines()]
    assert listed == sorted(COMMANDS)


@pytest.mark.parametrize("call", ["data", "plugins", "recipe"])
def test_group_without_arguments_prints_help(zoo, call):
    assert zoo(call).code == 2
    assert "Traceback" not in zoo(call).err
    assert f"Usage: zoo {call} " in zoo(call).err


def test_version_and_python_m(zoo, process):
    result = f"zoo, version {metadata.version('textzoo')}\n"
    assert zoo("--version").out == result
    answer = process("--version")
    assert (answer.code, answer.out, answer.err) == (0, result, "")


def test_no_color_environment_variable(process):
    wanted = process("list", "activation", NO_COLOR="1", TERM="xterm-256color")
    assert wanted.code == 0
    assert "\x1b" not in wanted.out + wanted.err
    assert wanted.out == process("list", "activation", NO_COLOR="", FORCE_COLOR="1").out


@pytest.mark.parametrize(
    "call", [["list"], ["show", "model", "mlp"], ["show", "recipe", "yelp-mlp"], ["list", "recipe"]]
)
def test_list_and_show_import_no_heavy_module(call):
    heavy = {"torch", "numpy", "polars", "rich", "hashlib"}
    code = f"import sys; from zoo_cli.main import run; print(run(sys.argv[1:]), {heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code, *call], capture_output=True, text=True, timeout=limit())
    assert result.stdout.splitlines()[-1] == "0 set()", result.stderr
    assert len(result.stdout.splitlines()) > 3
