"""Child interpreters: one way to start them, without the working folder on their import path."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from zoo_core.child_process import child_environment, run_python, safe_import_path
from zoo_core.experiments.workers import _backend

ROOT = Path(__file__).resolve().parents[2]
STARTER = "zoo_core/child_process.py"
POOLS = {"zoo_core/experiments/workers.py": {"joblib", "distributed", "dask"}}  # inside `safe_import_path`
STARTING_MODULES = {"subprocess", "multiprocessing", "joblib", "distributed", "dask", "pty", "runpy"}
CONSTANTS = {"DEVNULL", "PIPE", "STDOUT", "TimeoutExpired", "CalledProcessError", "SubprocessError", "CompletedProcess"}
FILES = [
    file
    for folder in ("zoo_core", "cli/zoo_cli", "plugins")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if file.relative_to(ROOT).as_posix() != STARTER
]


def is_safe_call(call: ast.Call) -> bool:
    """Whether a call has the command and the environment of `zoo_core.child_process`."""
    command = call.args[0] if call.args else None
    environment = next((keyword.value for keyword in call.keywords if keyword.arg == "env"), None)
    if environment is None:
        return False
    names = [ast.unparse(node.func) for node in (command, environment) if isinstance(node, ast.Call)]
    return names == ["python_command", "child_environment"]


def starts(source: str) -> set[str]:
    """What a module uses that can start a program; a fork continues this one, with its import path."""
    found = set()
    tree = ast.parse(source)
    allowed = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and is_safe_call(node)}
    allowed |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}  # Popen[bytes]: a type
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names} & (STARTING_MODULES - {"subprocess"})
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module).partition(".")[0]} & STARTING_MODULES
            found |= {alias.name for alias in node.names} & {"ProcessPoolExecutor"}
        elif isinstance(node, ast.Attribute):
            name = f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else f".{node.attr}"
            is_process = node.attr.startswith(("exec", "spawn", "posix_spawn", "popen", "system", "startfile"))
            if name.startswith("subprocess.") and node.attr not in CONSTANTS and id(node) not in allowed:
                found.add(name)
            if (
                name == "sys.executable"
                or node.attr == "ProcessPoolExecutor"
                or (name.startswith("os.") and is_process)
            ):
                found.add(name)
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            found.add("shell=")
    return found


def test_one_module_starts_interpreters():
    used = {file.relative_to(ROOT).as_posix(): starts(file.read_text("utf-8")) for file in FILES}
    assert {name: found for name, found in used.items() if found} == POOLS
    assert "shell=" not in starts((ROOT / STARTER).read_text("utf-8"))


@pytest.mark.parametrize(
    "code",
    [
        "from concurrent.futures import ProcessPoolExecutor",
        "import multiprocessing",
        "from subprocess import run",
        "import subprocess\nsubprocess.Popen(['x'])",
        "import subprocess\nsubprocess.Popen(python_command('x'), env=os.environ)",
        "import subprocess\nsubprocess.run(python_command('x'))",
        "import subprocess\nstart = subprocess.run",
        "import os\nos.system('x')",
        "import os\nos.execv('x', [])",
        "import sys\nsys.executable",
        "f(shell=True)",
    ],
)
def test_ways_to_start_a_process_are_found(code):
    assert starts(code)


@pytest.fixture
def planted(tmp_path, monkeypatch) -> Path:
    """The working folder, with a module that a child must not import."""
    (tmp_path / "planted.py").write_text("print('planted')\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


CODE = "import importlib.util, sys; print(importlib.util.find_spec('planted') is not None)"
GRANDCHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CODE!r}])"


@pytest.mark.parametrize("path", ["", os.pathsep, f"/nowhere{os.pathsep}", f"{os.pathsep}/nowhere"])
def test_children_do_not_import_from_the_working_folder(planted, monkeypatch, path):
    monkeypatch.setenv("PYTHONPATH", path)
    assert run_python("-S", "-c", CODE, capture_output=True, text=True).stdout == "False\n"
    assert all(child_environment()["PYTHONPATH"].split(os.pathsep)) or not path.strip(os.pathsep)


def test_children_of_children_do_not_either(planted):
    assert run_python("-S", "-c", GRANDCHILD, capture_output=True, text=True).stdout == "False\n"


def test_explicit_entry_of_the_import_path_stays(planted, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(planted))
    assert run_python("-S", "-c", CODE, capture_output=True, text=True).stdout == "True\n"


def test_environment_is_restored(monkeypatch):
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}/nowhere")
    before = dict(os.environ)
    with pytest.raises(KeyError), safe_import_path():
        assert (os.environ["PYTHONSAFEPATH"], os.environ["PYTHONPATH"]) == ("1", "/nowhere")
        raise KeyError
    assert dict(os.environ) == before


@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_pools_of_workers_start_with_a_safe_path(monkeypatch, backend):
    monkeypatch.setattr("zoo_core.experiments.workers._dask_client", lambda _jobs: safe_import_path())
    pytest.importorskip("distributed") if backend == "dask" else None
    with _backend(backend, 2, 1):
        assert os.environ["PYTHONSAFEPATH"] == "1"
