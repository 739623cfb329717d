"""`zoo plugins new`: a project for every kind that passes its own tests, and rejected calls."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from zoo_cli.scaffold.example_kinds import EXAMPLES, KINDS
from zoo_cli.scaffold.project import render_project
from zoo_core.components.kinds import KINDS as COMPONENTS

ROOT = Path(__file__).resolve().parents[3]
EVERY = [option for kind in KINDS for option in ("--kind", kind)]


@pytest.fixture
def project(zoo, tmp_path):
    """A project with an example of every kind and the Python path on which it is installed."""
    made = tmp_path / "project"
    answer = zoo("plugins", "new", "textzoo-every-kind", *EVERY, "--output", made)
    assert (answer.code, answer.out) == (0, f"{made}\n")
    points = tomllib.loads((made / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    info = tmp_path / "site" / "textzoo_every_kind-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: textzoo-every-kind\nVersion: 0.1.0\n")
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in own.items()) for group, own in points.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
    (info / "RECORD").write_text("")
    return made, os.pathsep.join([str(made), str(info.parent), *filter(None, sys.path)])


def test_every_kind_has_an_example():
    assert {kind.name for kind in COMPONENTS} | {"command", "listener", "recipe"} == set(KINDS)
    for part in EXAMPLES:
        kind = next((one for one in COMPONENTS if one.name == part.kind), None)
        assert (part.hook, part.base) == (kind.hook, kind.base.__name__) if kind else part.base == ""


@pytest.mark.slow
def test_new_project_passes_its_tests(project):
    made, path = project
    call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA"]
    done = subprocess.run(call, cwd=made, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    for part in EXAMPLES:
        assert f"tests/test_{part.file}.py::" in done.stdout
        assert not part.base or f"test_contract[{part.kind}-{part.name}-valid-class]" in done.stdout


def test_examples_are_registered_and_usable(project, process, monkeypatch):
    _, path = project
    call = {"PYTHONPATH": path}
    rows = process("list", "--json", **call).json
    for part in EXAMPLES:
        owners = [row["plugin"] for row in rows if (row["kind"], row["name"]) == (part.kind, part.name)]
        assert owners == (["every-kind"] if part.base else [])  # and no built-in component has the name of an example
    assert [row["name"] for row in rows if row["kind"] == "recipe" and row["name"].startswith("every")]
    assert "activation softsign" in process("every-kind", **call).out
    parts = ("model.activation=softsign", "optimizer=sign-sgd", "scheduler=inverse-time", "training.epochs=2")
    sets = [word for one in parts for word in ("--set", one)]
    trained = process("train", "yelp-mlp", *sets, "--set", "training.metrics=['kappa']", "--run", "run", **call)
    assert (trained.code, trained.out) == (0, "run\n"), trained.err
    assert "every-kind: 2 epochs in " in trained.err
    without = process("predict", "run", "good")
    assert (without.code, without.out) == (5, "")
    assert "textzoo-every-kind" in without.err


def test_sample_plugin_equals_the_rendered_project():
    wanted = render_project("textzoo-sample", ["activation", "loss", "model"])
    sample = ROOT / "tests" / "sample_plugin"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."]
    result = subprocess.run(listed, cwd=sample, capture_output=True, text=True)
    there = result.stdout.split("\0")[:-1] if result.returncode == 0 else list(wanted)
    assert sorted(there) == sorted(wanted)
    for path, text in wanted.items():
        assert (sample / path).read_text("utf-8") == text, f"{path}: run zoo plugins update tests/sample_plugin"


def test_project_metadata_is_complete(zoo):
    assert zoo("plugins", "new", "textzoo-mine").out == "textzoo-mine\n"
    made = tomllib.loads(Path("textzoo-mine/pyproject.toml").read_text("utf-8"))
    assert made["project"]["entry-points"] == {"textzoo.plugins": {"mine": "textzoo_mine"}}
    assert made["project"]["dependencies"][0] == "textzoo>=0.1,<0.2"
    assert {"ruff", "mypy", "pytest"} <= set(made["tool"])
    assert "pytest" in made["project"]["optional-dependencies"]["test"][0]
    there = {path.relative_to("textzoo-mine").as_posix() for path in Path("textzoo-mine").rglob("*")}
    assert {"LICENSE", "README.md", ".github/workflows/test.yml", "tests/test_contract.py"} <= there
    assert "pytest" in Path("textzoo-mine/.github/workflows/test.yml").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mine", "textzoo-mine"),
        ("Textzoo-Mine", "textzoo-mine"),
        ("textzoo_mine", "textzoo-mine"),
        ("textzoo-", "textzoo-mine"),
        ("textzoo-3d", "textzoo-d"),
        ("../textzoo-x", "textzoo-x"),
        ("textzoo-" + "x" * 60, "textzoo-x"),
        ("textzoo-mine\n", "textzoo-mine"),
    ],
)
def test_invalid_name_is_rejected(zoo, refused, name, hint):
    refused(zoo("plugins", "new", name), 2, "invalid plugin name", f'use "{hint}')
    assert not list(Path().iterdir())


def test_existing_folder_is_unchanged(zoo, refused):
    Path("textzoo-mine").mkdir()
    assert zoo("plugins", "new", "textzoo-mine").code == 0  # an empty folder is accepted
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    refused(zoo("plugins", "new", "textzoo-mine", "--kind", "loss"), 2, "textzoo-mine already exists")
    assert before == {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    Path("file").write_text("x", encoding="utf-8")
    refused(zoo("plugins", "new", "textzoo-mine", "--output", "file"), 2, "is not a folder")
    refused(zoo("plugins", "new", "textzoo-mine", "--output", "file/below"), 7, f"cannot create {Path('file/below')}")


def test_unwritable_folder(zoo, refused, monkeypatch):
    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    refused(zoo("plugins", "new", "textzoo-mine"), 7, "cannot write textzoo-mine: No space left on device")
    assert not list(Path().iterdir())


def test_unknown_kind_is_rejected(zoo, refused):
    refused(zoo("plugins", "new", "textzoo-mine", "--kind", "activatoin"), 2, "activatoin", "--help")


def test_wheel_contains_the_templates():
    """They are inside a package that is built completely, and git ignores none of them."""
    folder = ROOT / "cli" / "zoo_cli" / "scaffold" / "templates"
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert "cli/zoo_cli" in build["targets"]["wheel"]["packages"]
    assert not {"exclude", "only-include", "include"} & {*build, *build["targets"]["wheel"]}
    there = [str(path) for path in folder.rglob("*.j2")]
    assert len(there) > 30
    assert subprocess.run(["git", "check-ignore", *there], cwd=ROOT, capture_output=True).stdout == b""
