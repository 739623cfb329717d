"""docs/plugins.md: every command in it is run, every listing is what is there, every hook has its exact signature."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from zoo_cli.scaffold.part_kinds import KINDS
from zoo_cli.scaffold.project import files
from zoo_core import hookspecs

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "plugins.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
CACHE = Path(__file__).resolve().parents[2] / ".mypy_cache" / "page"  # types of torch are read once, not each time
NETWORK = ("pip install", "python -m build", "twine upload")  # named here one by one: nothing else goes unrun
TREE = os.pathsep.join(str(Path(__file__).resolve().parents[2] / part) for part in ("", "cli", "plugins"))
TOOLS = {"pytest": "pytest", "ruff": "ruff", "mypy": "mypy"}


def as_installed(project: Path, site: Path) -> None:
    """What `pip install -e .` leaves, without the network."""
    facts = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    info = site / f"{facts['name'].replace('-', '_')}-{facts['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {facts['name']}\nVersion: {facts['version']}\n")
    points = facts["entry-points"].items()
    (info / "entry_points.txt").write_text(
        "".join(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in own.items()) for group, own in points)
    )
    (info / "RECORD").write_text("")


def test_every_command_of_the_walk_runs(tmp_path, empty_folder):
    [idea] = re.findall(r"^`my_activation.py`:\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (empty_folder / "my_activation.py").write_text(idea, "utf-8")
    here, site = empty_folder, tmp_path / "site"
    path = [str(site), *filter(None, sys.path)]
    assert len(COMMANDS) >= 12
    for line in COMMANDS:
        words = shlex.split(line)
        if words[0] == "cd":
            here = here / words[1]
            path.insert(0, str(here))
        elif line.startswith(NETWORK):
            if "-e" in words:
                as_installed(here, site)
        else:
            module = {"zoo": "zoo_cli", **TOOLS}[words[0]]
            if find_spec(module) is None:
                assert module in ("ruff", "mypy")  # they are of the extra "dev"
                continue
            call = [sys.executable, "-m", module, *words[1:]]
            if words[1:2] == ["train"]:
                call += ["--set", "training.epochs=1"]
            own = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "MYPYPATH": TREE, "MYPY_CACHE_DIR": str(CACHE)}
            done = subprocess.run(call, cwd=here, env=own, capture_output=True, text=True)
            assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])


def test_every_listing_is_sound():
    made = "\n".join(text for kind in KINDS for text in files("textzoo-mine", [kind]).values())
    for kind, text in BLOCKS:
        if kind == "toml":
            tomllib.loads(text)
        elif kind == "python":
            ast.parse(text)
    worked = PAGE.partition("## Three examples")[2].partition("## Hooks")[0]
    listed = re.findall(r"```python\n(.*?)```", worked, re.DOTALL)
    assert len(listed) == 4
    for text in listed:
        assert text in made, text.splitlines()[1]


def test_every_hook_is_listed_with_its_exact_signature():
    [block] = [text for kind, text in BLOCKS if kind == "text"]
    there = [name for name in vars(hookspecs) if name.startswith("zoo_")]
    listed = dict(line.split("(", 1) for line in block.splitlines())
    assert list(listed) == there
    for name in there:
        signature = str(inspect.signature(getattr(hookspecs, name))).replace("contracts.", "").replace("'", "")
        assert f"({listed[name]}" == signature


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_of(kind):
    assert f"`{kind}`" in PAGE


def test_what_to_do_about_a_broken_plugin_works(zoo, monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "zoo.toml"))
    table = PAGE.partition("## When a plugin breaks")[2].partition("| to | write |")[2]
    commands = re.findall(r"`(zoo [^`]+)`", table)
    assert len(commands) == 7
    for command in commands:
        words = shlex.split(command.replace("NAME", "yelp").replace("…", "list"))[1:]
        assert zoo(*words).code == 0, command
