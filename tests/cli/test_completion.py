"""Shell completion of recipes, kinds, components and keys, without importing torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from zoo_cli.completion.recipes import complete_recipe
from zoo_cli.completion.shells import Fish
from zoo_cli.main import COMMANDS
from zoo_cli.main import zoo as command
from zoo_core.components.kinds import KINDS
from zoo_core.config.zoo import open_zoo

CODE = """
import contextlib, io, json, os, sys
from zoo_cli.main import run
for line in sys.stdin:
    variables, folder = json.loads(line)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run([])
    out.flush()
    heavy = sorted({"torch", "polars", "numpy", "rich", "matplotlib"} & set(sys.modules))
    print(json.dumps([out.buffer.getvalue().decode(), err.getvalue(), heavy]), flush=True)
"""


@pytest.fixture(scope="module")
def child():
    """A process that answers every question of this module: its start takes longer than all of them."""
    with subprocess.Popen([sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def asked(child):
    """`asked(line, shell)`: the completions of a line's last word; no heavy module may be imported."""

    def ask(line, shell="zsh"):
        words = line.split(" ")
        own = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_ZOO_COMPLETE": f"{shell}_complete"}
        own |= {"COMP_WORDS": line.replace(" ", "\n")} if shell == "bash" else {}
        child.stdin.write(json.dumps([{**os.environ, **own}, str(Path.cwd())]).encode() + b"\n")
        child.stdin.flush()
        out, err, heavy = json.loads(child.stdout.readline())
        assert (err, heavy) == ("", [])
        lines = out.splitlines()
        if shell == "bash":
            found = [tuple(one.split(",", 1)) for one in lines if one]
        else:
            found = list(zip(lines[::3], lines[1::3], strict=False))
        return ["FILES" if kind == "file" else name for kind, name in found]

    return ask


REGISTRY = open_zoo().registry
RECIPES = sorted(open_zoo().recipes)
ASKED = [
    ("zoo ", sorted(COMMANDS)),
    ("zoo rec", ["recipe"]),
    ("zoo recipe ", ["check", "diff", "fits", "list", "lock", "migrate", "new", "schema", "show", "why"]),
    ("zoo recipe check ", RECIPES),
    ("zoo train yelp", [name for name in RECIPES if name.startswith("yelp")]),
    ("zoo train my", ["FILES"]),
    ("zoo predict runs/", ["FILES"]),
    ("zoo train yelp-mlp --data ", ["FILES"]),
    ("zoo train yelp-mlp --loc", ["--locked"]),
    ("zoo recipe diff yelp-mlp fast", ["fasttext"]),
    ("zoo recipe why yelp-mlp model.", ["model.hidden", "model.dropout", "model.activation"]),
    ("zoo recipe fits yelp-mlp m", ["model", "model.activation"]),
    ("zoo list ", [*(kind.name for kind in KINDS), "recipe"]),
    ("zoo show act", ["activation"]),
    ("zoo show model ", REGISTRY.names("model")),
    ("zoo show recipe fast", ["fasttext"]),
    ("zoo train --optimizer ada", [name for name in REGISTRY.names("optimizer") if name.startswith("ada")]),
    ("zoo train yelp-mlp --set model.act", ["model.activation="]),
    ("zoo train --model mlp --set model.act", ["model.activation="]),
    ("zoo train yelp-mlp --set model=perceptron --set model.", ["model.output="]),
    ("zoo recipe new x.toml --from yelp-mlp --set model.hid", ["model.hidden="]),
    ("zoo train yelp-mlp --set training.device=c", ["training.device=cpu", "training.device=cuda"]),
    ("zoo train yelp-mlp --set model.activation=soft", ["model.activation=softplus"]),  # softmax is incompatible
    ("zoo swap yelp-m", ["yelp-mlp"]),
    ("zoo swap yelp-mlp model.act", ["model.activation="]),
    ("zoo swap yelp-mlp,yelp-p", ["yelp-mlp,yelp-perceptron"]),
    ("zoo swap yelp-mlp,yelp-perceptron model.act", ["model.activation="]),
    ("zoo swap yelp-mlp model.activation=elu,soft", ["model.activation=elu,softplus"]),
    ("zoo swap yelp-mlp model.activation=softplus,soft", []),  # each value once
    ("zoo swap yelp-mlp model=mlp,linear --set model.drop", ["model.dropout="]),
    ("zoo zzz", []),
    ("zoo trian y", ["FILES"]),
    ("zoo train no-such-recipe --set m", ["FILES"]),
    ("zoo recipe why no-such-recipe m", ["FILES"]),
    ("zoo train yelp-mlp --set no.such=v", []),
]


@pytest.mark.parametrize(("line", "names"), ASKED, ids=[row[0] for row in ASKED])
def test_completions(asked, line, names):
    assert asked(line) == names


def test_bash_splits_words_at_an_equals_sign(asked):
    assert asked("zoo train yelp-mlp --set model.act", "bash") == ["model.activation="]
    assert asked("zoo train yelp-mlp --set model.activation = pre", "bash") == ["prelu"]
    assert "prelu" in asked("zoo train yelp-mlp --set model.activation =", "bash")
    assert asked("zoo train yelp-mlp --set model = perceptron --set model.", "bash") == ["model.output="]


def test_fish():
    own = {"COMP_WORDS": "zoo train yelp-mlp --loc", "COMP_CWORD": "--loc", "_ZOO_COMPLETE": "fish_complete"}
    result = subprocess.run([sys.executable, "-m", "zoo_cli"], env={**os.environ, **own}, capture_output=True)
    assert result.stdout.startswith((b"plain,--locked", b"plain\n--locked"))  # click 8.5, click 8.4
    assert 'string split ","' not in Fish.source_template  # of SLOT=a,b all is offered, not SLOT=a


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_activation_scripts(process, shell):
    result = process(_ZOO_COMPLETE=f"{shell}_source")
    assert result.code == 0
    assert f"_ZOO_COMPLETE={shell}_complete" in result.out


HOSTILE = [
    "$(id)",
    "a;id",
    "a b",
    "a\\nplain",
    "a\\u001b[31m",
    "`id`",
    "-x",
    "=id",
    "~",
    "a*",
    "a\\u202eb",
    "a'b",
    "a|b",
]


def test_names_that_a_shell_would_run_are_not_completed(empty_folder):
    names = [*HOSTILE, "a-plain", "a.식당"]
    text = "".join(f'[recipes."{name}"]\nabout = "x\\n\\u001b[31m"\n' for name in names)
    (empty_folder / "zoo.toml").write_text(text, "utf-8")
    items = complete_recipe(click.Context(command), None, "")
    assert {item.value for item in items} - set(RECIPES) == {"a-plain", "a.식당"}
    assert {item.help for item in items if item.value not in RECIPES} == {"x\\n\\x1b[31m"}


def test_disabled_plugin_is_not_completed(asked):
    assert "yelp" in asked("zoo train --task y")
    assert asked("zoo --no-plugin yelp train --task y") == ["FILES"]
