"""The import order of the packages: imports point down, never in a circle, and packages stay small."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = (  # a room imports from rooms in lines above it, and from modules of its own line
    ("messages",),
    ("errors",),
    ("forks",),
    ("seeds", "memory", "timing", "parallel", "filesystem", "child_process", "torch_threads"),
    ("features",),
    ("components",),
    ("hookspecs",),
    ("plugins",),
    ("evaluation",),
    ("plots",),
    ("config",),
    ("recipes",),
    ("data",),
    ("runs",),
    ("training",),
    ("experiments", "suspects"),
    ("testing",),
)
LEVELS = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
MAX_ROOT_MODULES = 10
MAX_MODULES = 18
MAX_LINES = 250
PACKAGES = {
    path.name: path
    for parent in (ROOT, ROOT / "cli", ROOT / "plugins")
    for path in sorted(parent.iterdir())
    if path.name.startswith("zoo_") and (path / "__init__.py").is_file()
}
FACADES = {"zoo_core", "zoo_core.testing", *(name for name in PACKAGES)}  # packages that hold public names


def modules_of(package: Path) -> dict[str, Path]:
    """Every module of a package by its dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name: str, source: str, modules: dict[str, Path]) -> dict[str, int]:
    """The modules of the same package that a module imports, type-only and local imports too, with their lines."""
    imported: dict[str, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: relative import"
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            targets = [target if target in modules else str(node.module) for target in submodules]
        else:
            continue
        for target in targets:
            if target in modules:
                imported.setdefault(target, node.lineno)
    return imported


def graph_of(package: Path) -> dict[str, dict[str, int]]:
    """Module → the modules it imports, with the lines of the imports."""
    modules = modules_of(package)
    return {name: imports_of(name, path.read_text("utf-8"), modules) for name, path in modules.items()}


def upward_imports(graph: dict[str, dict[str, int]]) -> list[str]:
    """Every import of `zoo_core` that points to a later room, or to the facade."""
    found = []
    for name, imports in graph.items():
        if name == "zoo_core":  # the facade imports from every room
            continue
        for target, line in imports.items():
            level = len(ORDER) if target == "zoo_core" else LEVELS[target.split(".")[1]]
            if level > LEVELS[name.split(".")[1]]:
                found.append(f"{name}:{line} imports {target}")
    return found


def cycle_in(graph: dict[str, dict[str, int]]) -> list[str]:
    """The modules of one import cycle, [] if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_room_of_the_core_has_a_level():
    rooms = {name.split(".")[1] for name in modules_of(PACKAGES["zoo_core"]) if "." in name}
    assert rooms == set(LEVELS)


def test_imports_of_the_core_point_down():
    graph = graph_of(PACKAGES["zoo_core"])
    assert sum(map(len, graph.values())) > 300
    assert upward_imports(graph) == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_no_import_cycle(package):
    graph = graph_of(PACKAGES[package])
    assert any(graph.values())
    assert cycle_in(graph) == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_packages_are_small(package):
    for folder in {path.parent for path in modules_of(PACKAGES[package]).values()}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        allowed = MAX_ROOT_MODULES if folder == PACKAGES["zoo_core"] else MAX_MODULES
        assert len(modules) <= allowed, f"{folder.relative_to(ROOT)} has {len(modules)} modules"


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_modules_are_short(package):
    for path in modules_of(PACKAGES[package]).values():
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= MAX_LINES, f"{path.relative_to(ROOT)} has {lines} lines"


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_init_of_a_subpackage_holds_a_docstring_only(package):
    inits = {n: p for n, p in modules_of(PACKAGES[package]).items() if p.name == "__init__.py" and n not in FACADES}
    for name, path in inits.items():
        (docstring,) = ast.parse(path.read_text("utf-8")).body
        assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant), name


CORE = {"zoo_core.messages", "zoo_core.data.loading", "zoo_core.runs.load", "zoo_core"}


@pytest.mark.parametrize(
    "line",
    [
        "from zoo_core.runs.load import open_run",
        "from zoo_core.runs import load",
        "import zoo_core.runs.load",
        "from zoo_core import fit",
        "if TYPE_CHECKING:\n    from zoo_core.runs.load import Run",
        "def read():\n    from zoo_core.runs.load import open_run",
    ],
)
def test_an_import_that_points_up_is_found(line):
    modules = dict.fromkeys(CORE, Path())
    imports = imports_of("zoo_core.data.loading", f"from zoo_core.messages import suggest\n{line}", modules)
    (found,) = upward_imports({"zoo_core.data.loading": imports})
    assert found.startswith("zoo_core.data.loading:")


def test_a_cycle_of_three_modules_is_found():
    graph = {"p.a": {"p.b": 1}, "p.b": {"p.c": 1}, "p.c": {"p.a": 1}, "p.d": {"p.a": 1}}
    assert set(cycle_in(graph)) == {"p.a", "p.b", "p.c"}
