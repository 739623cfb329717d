"""Facts that the project states in several places are equal in all of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
COMMANDS = [
    "pip install -c constraints.txt -e . && zoo train yelp-perceptron",
    "pip install -c constraints.txt -e '.[test]' && pytest -n auto",
]
# the root of a home, of a workplace or of a drive; put together here, lest this file be found
ABSOLUTE = re.compile(
    r"(?<![\w.~/$}])/(?:" + "|".join(["home", "work", "root", "Users", "mnt", "data"]) + r")/\w|(?<!\w)[C-Z]:\\\w"
)


def tracked():
    """The files git knows, and those it does not ignore."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True)
    if found.returncode:  # no checkout, as in a source distribution
        kept = ("zoo_core", "cli", "plugins", "tests", "docs", "benchmarks")
        return [path for name in kept for path in (ROOT / name).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return [ROOT / name for name in found.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def packages():
    """The packages in the tree, as folders under the root."""
    places = [ROOT, ROOT / "cli", ROOT / "plugins"]
    found = [path for place in places for path in place.iterdir() if (path / "__init__.py").is_file()]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.name not in ("benchmarks", "tests"))


def pins():
    """Name → version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    found = {canonicalize_name(one.name): [(each.operator, each.version) for each in one.specifier] for one in wanted}
    assert len(found) == len(wanted), "a distribution is pinned twice"
    assert all(len(each) == 1 and each[0][0] == "==" for each in found.values())
    return {name: each[0][1] for name, each in found.items()}


def direct():
    """Every requirement of pyproject.toml, those of the extras and of the build too, but the project itself."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    wanted = [Requirement(line) for line in [*lines, *PROJECT["build-system"]["requires"]]]
    return [one for one in wanted if one.name != PROJECT["project"]["name"]]


def test_every_package_is_built_and_typed():
    there = packages()
    assert {"zoo_core", "cli/zoo_cli", "plugins/zoo_textbook"} <= set(there)
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["packages"]) == there
    assert sorted(PROJECT["tool"]["mypy"]["files"]) == there
    covered = PROJECT["tool"]["coverage"]["run"]["source_pkgs"]
    assert sorted(covered) == sorted(name.rpartition("/")[2] for name in there)
    assert [name for name in there if not (ROOT / name / "py.typed").is_file()] == []


def test_an_editable_install_adds_the_folders_of_its_packages(tmp_path):
    """As plain folders on the import path, which type checkers follow, and after what is installed."""
    code = "import json, sys, zoo_core, zoo_cli, zoo_textbook; print(json.dumps(sys.path))"
    answer = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, check=True)
    path = [Path(entry) for entry in json.loads(answer.stdout)]
    own = [entry for entry in path if entry.is_relative_to(ROOT) and "site-packages" not in entry.parts]
    assert set(own) == {ROOT / Path(name).parent for name in packages()}
    assert path[-len(own) :] == own


def test_the_wheel_contains_the_recipes():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["extra-metadata"] == {"registry.toml": "registry.toml"}
    assert "recipes" in tomllib.loads((ROOT / "registry.toml").read_text("utf-8"))


def test_the_source_distribution_lists_existing_files():
    named = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert {"registry.toml", "constraints.txt", *(name.partition("/")[0] for name in packages())} <= set(named)


@pytest.mark.parametrize("wanted", direct(), ids=str)
def test_every_direct_requirement_is_pinned_to_a_version_it_allows(wanted):
    version = pins().get(canonicalize_name(wanted.name))
    assert version is not None, "constraints.txt does not pin it"
    assert wanted.specifier.contains(version)


def test_pins_the_version_of_torch():
    assert pins()["torch"] == "2.13.0"


def test_transitive_requirements_are_pinned():
    """Not only the direct requirements: what they need in turn, as far as it is installed here."""
    pinned, seen, todo = pins(), set(), [one.name for one in direct() if one.name not in ("build", "mypy", "ruff")]
    while todo:
        name = canonicalize_name(todo.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                todo.append(need.name)
    chips = ("nvidia-", "cuda-", "triton", "setuptools")  # come with torch as the machine has it
    assert sorted(name for name in seen - set(pinned) if not name.startswith(chips)) == []


def test_the_readme_contains_the_two_commands_only():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert [line for line in lines if re.match(r"\s*(\$ )?(python -m )?pip install", line)] == COMMANDS
    for command in COMMANDS:
        at = lines.index(command)
        assert (lines[at - 1], lines[at + 1]) == ("```sh", "```")


def test_installed_entry_points_are_those_of_the_project():
    installed = metadata.distribution(PROJECT["project"]["name"]).entry_points
    found = {group: {point.name: point.value for point in installed.select(group=group)} for group in installed.groups}
    groups = {"console_scripts": PROJECT["project"]["scripts"], **PROJECT["project"]["entry-points"]}
    assert found == groups
    own = {path.removeprefix("plugins/") for path in packages() if path.startswith("plugins/")}
    assert set(groups["textzoo.plugins"].values()) == own


def test_the_version_is_the_same_everywhere():
    headings = re.findall(r"^## \[?([^\s\]]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    wanted = PROJECT["project"]["version"]
    assert (metadata.version("textzoo"), headings[0]) == (wanted, wanted)
    assert len(headings) == len(set(headings))


def test_no_file_contains_an_absolute_path():
    assert ABSOLUTE.search(json.dumps({"path": "/" + "home/someone"}))
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        hits = [match.group() for match in ABSOLUTE.finditer(text)]
        hits += [str(ROOT)] if len(ROOT.parts) > 2 and str(ROOT) in text else []
        found += [f"{path.relative_to(ROOT)}: {hit}" for hit in hits]
    assert found == []
