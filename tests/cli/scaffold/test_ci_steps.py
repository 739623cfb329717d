"""The CI steps of a generated project, read from its workflow file, in a new environment without network.

textzoo is installed there as an author installs a checkout, with `pip install -e`: mypy must find its types.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.cli.scaffold.projects import write_files
from zoo_cli.scaffold.example_kinds import KINDS
from zoo_cli.scaffold.project import render_project

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("editables", "hatchling", "mypy", "pip", "pytest", "ruff")
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # 0 is how pip is told in a variable not to isolate
INHERITED = {"PYTHONPATH", "MYPYPATH", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "ZOO_DISABLE_PLUGINS"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the steps are for a POSIX shell"),
    pytest.mark.skipif(not all(map(find_spec, TOOLS)), reason=f"needs {', '.join(TOOLS)}"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a new environment with textzoo installed in editable mode, and the packages of this one."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "packages.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for tool in ("mypy", "pip", "pytest"):
        (folder / "bin" / tool).write_text(f'#!/bin/sh\nexec "{python}" -m {tool} "$@"\n')
        (folder / "bin" / tool).chmod(0o755)
    (folder / "bin" / "ruff").symlink_to(shutil.which("ruff") or Path(sys.executable).with_name("ruff"))
    kept = {name: value for name, value in os.environ.items() if name not in INHERITED}
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    variables = {**kept, **OFFLINE, "PATH": path, "VIRTUAL_ENV": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    run_step(f"pip install --quiet --no-deps -e '{ROOT}'", ROOT, variables)
    return variables


def run_step(command: str, folder: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def read_steps(project: Path) -> Iterator[str]:
    """The commands of the workflow, with the last value of each variable of its matrix."""
    workflow = yaml.safe_load((project / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    for job in workflow["jobs"].values():
        matrix = job["strategy"]["matrix"]
        for step in job["steps"]:
            if "run" in step:
                yield fill_matrix(step["run"], matrix)


def fill_matrix(command: str, matrix: dict[str, list[str]]) -> str:
    return re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda found: matrix[found[1]][-1], command)


@pytest.mark.parametrize("kinds", [("loss",), KINDS], ids=["one kind", "every kind"])
def test_steps_pass(kinds, environment, tmp_path):
    project = write_files(tmp_path / "project", render_project("textzoo-checked", kinds))
    steps = list(read_steps(project))
    assert [step.split()[0] for step in steps] == ["pip", "ruff", "ruff", "mypy", "pytest"]
    for step in steps:
        run_step(step, project, environment)


def test_strict_types_of_each_kind_alone(environment, tmp_path):
    packages = []
    for kind in KINDS:
        project = render_project(f"textzoo-only-{kind}", [kind])
        write_files(tmp_path, {path: text for path, text in project.items() if path.startswith("textzoo_")})
        packages += ["-p", f"textzoo_only_{kind}"]
    run_step(f"mypy --strict --untyped-calls-exclude=torch {' '.join(packages)}", tmp_path, environment)
