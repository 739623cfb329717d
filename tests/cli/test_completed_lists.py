"""Every argument and option that has a list of values completes it, quickly and without heavy modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from zoo_cli.completion.shells import FileFallback
from zoo_cli.main import zoo as root
from zoo_core.components.kinds import KINDS
from zoo_core.data.download.catalogue import load_catalogue
from zoo_core.data.files.writer import FORMATS
from zoo_core.plots.panels import PANELS

FREE = {  # numbers, texts, columns, classes, new names, and files and folders, which the shell completes
    *("data", "source", "files", "file", "output", "folder", "plugin", "base_folder"),
    *("run:swap", "run:train", "name:plugins install", "name:plugins new"),
    *("text", "label", "text_columns", "label_columns", "split_column", "group", "time", "about", "shares"),
    *("delimiter", "cost", "new_threshold:evaluate"),
}
WALK = """
import sys, click
import zoo_core.config.zoo as zoo_module
from zoo_cli.main import zoo as root
opened = zoo_module.open_zoo()
zoo_module.open_zoo = lambda **_: opened  # once for all parameters
def walk(command, path=()):
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from walk(command.get_command(click.Context(command), name), (*path, name))
    yield path, command
for path, command in walk(root):
    context = click.Context(command, info_name=(path or ("zoo",))[-1], parent=click.Context(root, info_name="zoo"))
    for parameter in command.params:
        parameter.shell_complete(context, "")
print(sorted({"torch", "polars", "numpy", "rich", "matplotlib"} & set(sys.modules)))
"""


def walk(command: click.Command, path: tuple[str, ...] = ()):
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*path, name))
    yield " ".join(path), command


def has_list(parameter: click.Parameter) -> bool:
    is_flag = isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count)
    is_number = isinstance(parameter.type, (click.types.IntParamType, click.types.FloatParamType))
    return not is_flag and not is_number


PARAMETERS = [(path, one) for path, command in walk(root) for one in command.params if has_list(one)]


def completed(line: str) -> list[str]:
    *words, incomplete = line.split(" ")
    items = FileFallback(root, {}, "zoo", "_ZOO_COMPLETE").get_completions(words[1:], incomplete)
    return ["FILES" if item.type == "file" else item.value for item in items]


@pytest.mark.parametrize(("path", "parameter"), PARAMETERS, ids=lambda one: getattr(one, "name", one))
def test_parameter_with_a_list_completes_it(path, parameter):
    is_free = not FREE.isdisjoint({parameter.name, f"{parameter.name}:{path}"})
    has_completion = parameter._custom_shell_complete is not None or isinstance(parameter.type, click.Choice)
    assert has_completion or is_free, f"zoo {path}: {parameter.name}"


def test_completions_import_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", WALK], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


EXPECTED = [
    ("zoo --no-plugin yel", ["yelp"]),
    ("zoo plugins check yelp --kind act", ["activation"]),
    ("zoo plugins check textbook --component prel", ["prelu"]),
    ("zoo plugins disable yel", ["yelp"]),
    ("zoo data download ag", ["ag-news"]),
    ("zoo data download ", list(load_catalogue())),
    ("zoo data sample --format ", list(FORMATS)),
    ("zoo data sample --task ye", ["yelp"]),
    ("zoo evaluate runs/1 --on ", ["train", "val", "test"]),
    ("zoo evaluate runs/1 --find-threshold acc", ["accuracy"]),
    ("zoo evaluate runs/1 --set task.spl", ["task.split="]),
    ("zoo plot run runs/1 --only ", list(PANELS)),
    ("zoo plot activation pre", ["prelu"]),
    ("zoo plot activation prelu --set prelu.", ["prelu.init="]),
    ("zoo train yelp-mlp --device c", ["cpu", "cuda"]),
    ("zoo train yelp-mlp --reader ag", ["ag-news"]),
    ("zoo plugins new textzoo-x --kind ", [kind.name for kind in KINDS][:3]),
    ("zoo doctor tra", ["train"]),
    ("zoo doctor recipe sho", ["show"]),
    ("zoo predict runs/1 --columns a", ["all"]),
]


@pytest.mark.parametrize(("line", "expected"), EXPECTED, ids=[line for line, _ in EXPECTED])
def test_lists(line, expected):
    found = completed(line)
    assert set(found) >= set(expected or ()) and found != ["FILES"]


@pytest.mark.parametrize("call", ["predict", "evaluate", "explain", "plot run", "compare", "train --resume"])
def test_folders_of_runs(call):
    for name in ("runs/a-1", "runs/a-2", "b", "runs/.hidden"):
        Path(name).mkdir(parents=True)
        Path(name, "recipe.toml").touch()
    Path("other").mkdir()
    assert completed(f"zoo {call} runs/") == ["runs/a-1", "runs/a-2"]
    assert completed(f"zoo {call} ") == ["runs/a-1", "runs/a-2", "b"]
    assert completed(f"zoo {call} o") == ["FILES"]
