"""Files are written, renamed and replaced in the package `filesystem` alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("zoo_core", "cli/zoo_cli", *(f"plugins/{path.name}" for path in (ROOT / "plugins").glob("zoo_*")))
METHODS = {
    *("write_text", "write_bytes", "touch", "mkdir", "makedirs", "symlink_to", "hardlink_to"),
    *("copyfile", "copy2", "copytree", "move"),
}
NAMES = {"NamedTemporaryFile", "mkdtemp", "mkstemp", "TemporaryDirectory", "truncate"}
OS_CALLS = {"rename", "renames", "replace", "link", "symlink", "mkfifo"}
WATCHED = {*METHODS, *NAMES, *OS_CALLS, "open"}
ALLOWED = {
    "zoo_core/data/download/resumable.py": {"open", "truncate"},  # bytes that a later download continues
    "zoo_core/experiments/worker_process.py": {"open"},  # lock files
    "cli/zoo_cli/process/limited_memory.py": {"open"},  # a file without a name for standard error
}


def writing_calls(source: str) -> set[str]:
    """The names of calls that write, rename or link files."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _name(node) in WATCHED]
    return {name for name, owner, arguments in map(_parts, calls) if _writes(name, owner, arguments)}


def _name(call: ast.Call) -> str:
    """The name of a function, without what is before its dot."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _parts(call: ast.Call) -> tuple[str, str, list[str]]:
    """The name of a function, the name before its dot, and its arguments."""
    function, name = call.func, _name(call)
    if isinstance(function, ast.Name) and name == "write_text":  # of zoo_cli.output_file, not of a path
        name = ""
    owner = getattr(getattr(function, "value", None), "id", "")
    return name, owner, [ast.unparse(value) for value in (*call.args, *(word.value for word in call.keywords))]


def _writes(name: str, owner: str, arguments: list[str]) -> bool:
    if name in METHODS | NAMES or (owner == "os" and name in OS_CALLS):
        return True
    if name in ("rename", "replace"):  # of a path; a table's has a mapping or a text, a text's has two arguments
        return len(arguments) == 1 and not re.fullmatch(
            r"['\"{].*|dict(\.fromkeys)?\(.*|[A-Z_]+|names|known|lines.*", arguments[0]
        )
    return name == "open" and "os.devnull" not in arguments and any(map(_opens_for_writing, arguments))


def _opens_for_writing(argument: str) -> bool:
    return re.fullmatch(r"['\"](?=.*[wxa+])[rwxabt+]+['\"]|.*(O_CREAT|O_WRONLY|O_RDWR).*", argument) is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_files_are_written_in_one_package(package):
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        calls = writing_calls(path.read_text("utf-8")) - ALLOWED.get(name, set())
        if calls and not name.startswith("zoo_core/filesystem/"):
            found[name] = calls
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "path.write_text(text, 'utf-8')",
        "open(name, 'w')",
        "path.open('ab')",
        "path.open(mode='r+')",
        "os.open(name, os.O_CREAT | os.O_RDWR)",
        "os.replace(one, other)",
        "partial.rename(target)",
        "partial.replace(target)",
        "tempfile.mkdtemp()",
        "folder.mkdir(parents=True)",
        "shutil.move(one, other)",
    ],
)
def test_the_test_knows_a_call_that_writes(code):
    assert writing_calls(code)
    assert not writing_calls("path.open('rb'); text.replace('a', 'b'); frame.rename({'a': 'b'}); os.open(name, 0)")
