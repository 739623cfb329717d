"""Broken plugins: one warning that names the distribution; everything else works."""

from __future__ import annotations

from pathlib import Path

import pytest

HEAD = """
from attrs import define, field, frozen
from zoo_core import Activation, hookimpl, setting

@frozen
class Whirl(Activation):
    '''x: the identity.'''
    name = "whirl"
    acts = "elementwise"

    def build(self):
        from torch import nn
        return nn.Identity()
"""
BUILT_IN = (*("calibration", "formats", "ngrams", "sequences", "tables", "tagging", "textbook", "tokenizers", "yelp"),)
DOC = "'''x: the identity.'''"
OFFER = """
@hookimpl
def zoo_activations():
    return [Whirl]
"""
BRINGS = "@hookimpl\ndef zoo_recipes():\n    return "
# how it is broken: its source, and the expected message
BREAKS = {
    "syntax": ("def :", "loading it raised SyntaxError"),
    "import": ("import no_such_module_anywhere", "loading it raised ModuleNotFoundError: No module named"),
    "raises": (
        "raise RuntimeError('first line\\nsecond line')",
        "loading it raised RuntimeError: first line second line (hint",
    ),
    "exits": ("raise SystemExit(3)", "loading it raised SystemExit: 3"),
    "leaves": ("import os\nos._exit(0)", "loading it raised SystemExit: os._exit(0)"),
    "no message": ("class Odd(BaseException): pass\nraise Odd", "loading it raised Odd (hint"),
    "colors": ("raise ValueError('\\x1b[31mred')", "ValueError: \\x1b[31mred"),
    "missing": (None, "loading it raised ModuleNotFoundError"),
    "hook raises": (HEAD + OFFER.replace("[Whirl]", "1 / 0"), "zoo_activations raised ZeroDivisionError"),
    "hook exits": (HEAD + OFFER.replace("[Whirl]", "exit()"), "raised SystemExit"),
    "misspelled hook": (
        HEAD + OFFER.replace("zoo_act", "zoo_atc"),
        'unknown hook zoo_atcivations; did you mean "zoo_activations"?',
    ),
    "not marked": (HEAD + OFFER.replace("@hookimpl\n", ""), "is not marked with @zoo_core.hookimpl"),
    "wrong signature": (HEAD + OFFER.replace("vations()", "vations(more)"), "more"),
    "wrong listener": (HEAD + OFFER + "@hookimpl\ndef zoo_epoch_finished(number):\n    pass\n", "number"),
    "other kind": (HEAD + OFFER.replace("activations", "losses"), "Whirl is of the kind"),
    "recipes": (HEAD + OFFER + BRINGS + "'[recipes'", "zoo_recipes: "),
}
OFFERS = {
    "Whirl": "zoo_activations returned type, not a list of classes",
    "None": "zoo_activations returned NoneType, not a list",
    "[Whirl()]": "is not a class",
    "[Whirl, Whirl]": "zoo_activations returned whirl twice",
}
BREAKS |= {offered: (HEAD + OFFER.replace("[Whirl]", offered), expected) for offered, expected in OFFERS.items()}
CLASSES = [
    ('"whirl"', '"My Whirl"', "its name must be a class attribute in kebab-case"),
    ('acts = "elementwise"', "", "it does not declare acts"),
    ("elementwise", "somehow", "its acts must be"),
    (DOC, "", "it has no docstring"),
    ("def build", "def built", "it does not define build()"),
    ("@frozen", "@define", "it is not frozen"),
    ("@frozen", "", "it is not decorated with @attrs.frozen"),
    ("acts =", "size: int = field()\n    acts =", "setting size has no default"),
    ("acts =", "size: int = 3\n    acts =", "setting size is not documented"),
    ("acts =", "size: set = setting(3, 'x')\n    acts =", "an unsupported type"),
]
BREAKS |= {expected: (HEAD.replace(old, new) + OFFER, expected) for old, new, expected in CLASSES}
COLUMNS = ("--set", "task.text=review", "--set", "task.label=rating")
NEEDS = ("train", "yelp-mlp", "--set", "model.activation=whirl", "--set", "training.epochs=1")


@pytest.fixture
def install(tmp_path, monkeypatch, distribution):
    """`install(source)`: install a distribution for this test; returns the beginning of its warning."""
    number = iter(range(9))

    def installed(source, name="textzoo-broken", plugin="broken", **more):
        module = f"{name.replace('-', '_')}_{tmp_path.name.replace('-', '_')}_{next(number)}"
        place = distribution(tmp_path / "site", name, source, module=module, plugin=plugin, **more)
        monkeypatch.syspath_prepend(place)
        return f'zoo: warning: plugin "{plugin}" ({name} 1.0) was disabled: '

    return installed


@pytest.fixture
def usual(zoo):
    return zoo("list").out


def state(zoo, plugin="broken"):
    """The row of a plugin in `zoo plugins list --json`."""
    [row] = [row for row in zoo("plugins", "list", "--json").json if row["plugin"] == plugin]
    return list(row.values())[:6]


@pytest.mark.parametrize("how", BREAKS)
def test_broken_plugin_is_one_warning(zoo, install, usual, how):
    source, expected = BREAKS[how]
    warning = install(source)
    answer = zoo("list")
    assert (answer.code, answer.out) == (0, usual)
    assert answer.err.count("\n") == len(answer.lines) == 1, answer.err
    assert answer.err.startswith(warning) and expected in answer.err and "\x1b" not in answer.err, answer.err
    assert answer.err.endswith("(hint: upgrade or uninstall textzoo-broken, or disable it with --no-plugin broken)\n")
    assert state(zoo)[:-1] == ["broken", "textzoo-broken", "1.0", "broken", 0]
    assert state(zoo)[-1] in answer.err.replace("\\x1b", "\x1b")
    missed = zoo(*NEEDS)
    assert (missed.code, missed.out) == (5, "")
    assert missed.lines[0].startswith(warning)
    assert 'zoo: error: --set model.activation=whirl: model.activation: unknown activation "whirl"' in missed.err
    assert any(line.startswith("zoo: error: ") and "textzoo-broken 1.0" in line for line in missed.lines[1:])


def test_valid_plugin_gives_no_warning(zoo, install, reviews):
    install(HEAD + OFFER, plugin="sound")
    assert zoo("list").err == ""
    assert zoo("show", "activation", "whirl").out.startswith("activation whirl   (textzoo-broken/sound:whirl)")
    answer = zoo(*NEEDS, "--data", reviews, "--set", "vectorizer.cutoff=0", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert state(zoo, "sound")[3:] == ["ok", 1, ""]
    assert zoo("--no-plugin", "sound", "predict", answer.json["run"], "x").code == 5


def test_other_commands_work_with_a_broken_plugin(zoo, install, reviews, trained):
    warning = install("1 / 0")
    made = zoo("train", "text-mlp", "--data", reviews, *COLUMNS, "--set", "training.epochs=1")
    assert (made.code, made.out, made.lines[0].startswith(warning)) == (0, f"{Path('runs/text-mlp-1')}\n", True)
    sample = ("data", "sample", "--rows", "5")
    for call in [("evaluate", trained), ("predict", trained, "good"), ("explain", trained), sample]:
        answer, without = zoo(*call), zoo("--no-plugin", "broken", *call)
        assert (answer.code, answer.out, "warning" in without.err) == (0, without.out, False), call
        assert answer.err.startswith(warning) and answer.err.partition("\n")[2] == without.err, call


def test_several_broken_plugins_are_one_warning(zoo, install, usual, refused):
    names = [f"name-{number}" for number in range(5)]
    for name in names:
        install("1 / 0", name=f"textzoo-{name}", plugin=name)
    listed = ", ".join(f"{name} (textzoo-{name} 1.0)" for name in names)
    answer = zoo("list")
    assert (answer.code, answer.out) == (0, usual)
    assert answer.lines == [f"zoo: warning: 5 plugins were disabled: {listed} (hint: see the reasons: zoo doctor)"]
    unknown = zoo("show", "activation", "entirely-other")
    assert unknown.code == 5 and f"one of 5 plugins that are not in use may have it: {listed}" in unknown.lines[1]
    assert len(unknown.lines) == 2
    refused(zoo("--strict-plugins", "list"), 5, *(f'plugin "{name}"' for name in names), lines=5)


def test_incompatible_plugin_is_not_imported(zoo, install, usual):
    warning = install("open('imported', 'w').close()", requires="textzoo>=99,<100")
    answer = zoo("list")
    assert (answer.code, answer.out) == (0, usual)
    assert answer.err.startswith(f"{warning}it requires textzoo<100,>=99, but ")
    assert not Path("imported").exists()
    assert zoo(*NEEDS).code == 5


NOISE = {
    "print": "print('hello\\nagain')",
    "standard error": "import sys\nprint('hello\\nagain', file=sys.stderr)",
    "the stream itself": "import sys\nsys.__stdout__.write('hello\\nagain\\n')",
    "bytes": "import sys\nsys.stdout.buffer.write(b'hello\\nagain\\xff\\n')",
}


@pytest.mark.parametrize("how", NOISE)
def test_output_of_a_plugin_is_not_data(zoo, install, usual, how):
    install(NOISE[how] + "\n" + HEAD + OFFER.replace("[Whirl]", "[]"))
    answer = zoo("list")
    assert (answer.code, answer.out, len(answer.lines)) == (0, usual, 1), answer.err
    assert answer.err.startswith('zoo: warning: plugin "broken" (textzoo-broken 1.0) printed "hello" and 1 more line')
    assert "or disable it with --no-plugin broken)" in answer.err
    assert zoo("--no-plugin", "broken", "list").err == ""


def test_python_warnings_are_hidden(zoo, install, usual):
    install("import warnings\nwarnings.warn('old')\n'\\d'\n" + HEAD + OFFER.replace("[Whirl]", "[]"))
    assert (zoo("list").out, zoo("list").err) == (usual, "")


def test_output_of_a_component_is_not_data(zoo, install):
    install(HEAD.replace("from torch import nn", "print('building')\n        from torch import nn") + OFFER)
    answer = zoo(*NEEDS, "--json")
    assert answer.code == 0 and answer.json["epochs"] == 1
    assert set(answer.lines) == {"building"}


def test_strict_plugins_turn_a_warning_into_an_error(zoo, refused, install):
    install("1 / 0")
    refused(zoo("--strict-plugins", "list"), 5, "was disabled: loading it raised ZeroDivisionError")
    answer = zoo("--strict-plugins", "plugins", "list")
    assert (answer.code, len(answer.lines)) == (5, 1) and "ZeroDivisionError" in answer.out
    assert zoo("--strict-plugins", "--no-plugin", "broken", "list").code == 0


def test_strict_plugins_reject_captured_output(zoo, refused, install):
    install("print('hello')")
    refused(zoo("--strict-plugins", "list"), 5, 'printed "hello"')


@pytest.mark.parametrize("way", ["option", "environment"])
def test_no_plugins_disables_third_party_plugins(zoo, refused, install, usual, monkeypatch, way):
    install("raise SystemExit(open('imported', 'w').close())")
    if way == "environment":
        monkeypatch.setenv("ZOO_DISABLE_PLUGINS", "*")
    ask = ("--no-plugins",) if way == "option" else ()
    answer = zoo(*ask, "list")
    assert (answer.code, answer.out, answer.err) == (0, usual, "")
    rows = {row["plugin"]: row["state"] for row in zoo(*ask, "plugins", "list", "--json").json}
    assert rows == {"broken": "disabled", **dict.fromkeys(BUILT_IN, "ok")}
    refused(zoo(*ask, *NEEDS), 5, 'plugin "broken" (textzoo-broken 1.0) is disabled', lines=2)
    assert not Path("imported").exists()


@pytest.mark.parametrize("call", [("--help",), ("--version",), ("train", "--help")])
def test_help_imports_no_plugin(zoo, install, call):
    install("raise SystemExit(open('imported', 'w').close())")
    assert (zoo(*call).code, zoo(*call).err) == (0, "")
    assert not Path("imported").exists()


@pytest.mark.parametrize("name", ["broken", "textzoo-broken/broken"])
def test_disabled_plugin_gives_no_warning(zoo, refused, install, usual, monkeypatch, name):
    install("1 / 0")
    first = zoo("--no-plugin", name, "list")
    monkeypatch.setenv("ZOO_DISABLE_PLUGINS", f" none, {name} ,")
    for answer in (first, zoo("list")):
        assert (answer.code, answer.out, answer.err) == (0, usual, "")
    assert state(zoo)[3:] == ["disabled", 0, ""]
    refused(zoo(*NEEDS), 5, 'plugin "broken" (textzoo-broken 1.0) is disabled', lines=2)


def test_built_in_plugins_can_be_disabled(zoo, refused):
    answer = zoo("--no-plugin", "yelp", "--no-plugin", "ngrams", "list", "--json")
    assert {row["plugin"] for row in answer.json if row["kind"] != "recipe"} == {*BUILT_IN} - {"yelp", "ngrams"}
    without = zoo("--no-plugin", "yelp", "show", "task", "yelp")
    refused(without, 5, 'unknown task "yelp"', "is disabled", lines=2)
    unknown = zoo("--no-plugin", "nobody", "list")
    assert (unknown.code, unknown.lines) == (0, ['zoo: warning: --no-plugin: unknown plugin "nobody"'])


def test_plugins_list_shows_the_error(zoo, install):
    install("raise ValueError('a\\ttab')")
    answer = zoo("plugins", "list")
    rows = [line.split("\t") for line in answer.out.splitlines()]
    assert (answer.code, answer.err) == (0, "")
    assert " ".join(rows[0]) == "plugin distribution version state components error"
    assert rows[1] == ["broken", "textzoo-broken", "1.0", "broken", "0", "loading it raised ValueError: a tab"]
    assert [row[3] for row in rows[2:]] == ["ok"] * len(BUILT_IN)


def test_error_of_a_component_names_its_plugin(zoo, refused, install):
    install(HEAD.replace("from torch import nn", "1 / 0") + OFFER)
    assert zoo("list").err == ""
    refused(zoo(*NEEDS), 5, 'plugin "broken" (textzoo-broken 1.0) raised ZeroDivisionError: division by zero')


def test_broken_listener_is_disabled_and_the_run_continues(zoo, install):
    warning = install(HEAD + "@hookimpl\ndef zoo_epoch_finished(epoch):\n    print('heard', epoch)\n    1 / 0\n")
    answer = zoo("train", "yelp-perceptron", "--set", "training.epochs=3", "--json")
    assert (answer.code, answer.json["epochs"]) == (0, 3)
    heard, warned = answer.lines
    assert heard == "heard 1"
    assert warned.startswith(f"{warning}zoo_epoch_finished raised ZeroDivisionError: division by zero")


def test_slow_plugin_is_named_with_its_seconds(zoo, install, monkeypatch):
    from zoo_core.plugins import load_cost

    install(HEAD + OFFER)
    monkeypatch.setattr(load_cost, "SLOW_SECONDS", 0)
    answer = zoo("plugins", "list", "--json")
    [row] = [row for row in answer.json if row["plugin"] == "broken"]
    assert (row["state"], row["imports"]) == ("ok", []) and row["seconds"] > 0
    assert 'zoo: warning: plugin "broken" (textzoo-broken): loading it takes ' in answer.err
    assert len(answer.lines) == 1
