"""The project of a new plugin: render its files, and write them atomically.

The templates use Jinja2. copier could also update existing projects after a template changes, but it needs git; the
conformance checks tell the author of a plugin what to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from zoo_cli.scaffold.example_kinds import EXAMPLES, ExampleKind
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.folders import make_folder, write_folder
from zoo_core.filesystem.names import slugify
from zoo_core.filesystem.writing import write_file
from zoo_core.plugins.deprecations import API_VERSION

NAME_PATTERN = re.compile(r"textzoo(-[a-z][a-z0-9]*)+")
FIXED_FILES = {  # template → path in the project
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "LICENSE": "LICENSE",
    "gitignore": ".gitignore",
    "workflow.yml": ".github/workflows/test.yml",
}


def render_project(name: str, kinds: Iterable[str]) -> dict[str, str]:
    """The text of each file of a project with an example of each kind, by path.

    Raises RecipeError for an invalid plugin name.
    """
    package = _package_name(name)
    requested = set(kinds)
    examples = [example for example in EXAMPLES if example.kind in requested]
    context = {
        "name": name,
        "package": package,
        "plugin": name.removeprefix("textzoo-"),
        "examples": examples,
        "components": [example for example in examples if example.base],
        "kinds": requested,
        "hooks": bool(requested - {"command"}),
        "api": _api_requirement(API_VERSION),
    }
    engine = Environment(
        loader=PackageLoader("zoo_cli.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return {
        path: engine.get_template(f"{template}.j2").render(context)
        for path, template in _iter_templates(package, examples)
    }


def _iter_templates(package: str, examples: list[ExampleKind]) -> Iterator[tuple[str, str]]:
    """The path of each file of the project, and its template."""
    yield from ((path, template) for template, path in FIXED_FILES.items())
    yield f"{package}/__init__.py", "package.py"
    yield f"{package}/py.typed", "py.typed"
    if any(example.has_module for example in examples):
        yield f"{package}/modules/__init__.py", "modules/package.py"
    if any(example.base for example in examples):
        yield "tests/test_contract.py", "tests/contract.py"
    for example in examples:
        suffix = "toml" if example.kind == "recipe" else "py"
        yield f"{package}/{example.file}.{suffix}", f"examples/{example.file}.{suffix}"
        yield f"tests/test_{example.file}.py", f"tests/{example.file}.py"
        if example.has_module:
            yield f"{package}/modules/{example.file}.py", f"modules/{example.file}.py"


def _package_name(name: str) -> str:
    """The import package of a distribution of this name. Raises RecipeError for an invalid plugin name."""
    if not NAME_PATTERN.fullmatch(name) or len(name) > 48:
        slug = slugify(name, default="", limit=60).removeprefix("textzoo").lstrip("0123456789-")
        raise RecipeError(
            f'invalid plugin name "{name}": expected textzoo- and words of a to z and 0 to 9, joined by -',
            hint=f'use "textzoo-{slug[:40].strip("-") or "mine"}"',
        )
    return name.replace("-", "_")


def _api_requirement(version: str) -> str:
    """The requirement for versions of textzoo with this plugin API."""
    major, minor = (int(number) for number in version.split(".")[:2])
    next_incompatible = f"{major + 1}" if major else f"0.{minor + 1}"
    return f"textzoo>={major}.{minor},<{next_incompatible}"


def write_project(folder: Path, texts: dict[str, str], *, overwrites: bool = False) -> None:
    """Write a project atomically into a folder that does not exist or is empty.

    With `overwrites`, replace the files of that name in a folder that holds others, too.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise RecipeError(f"{folder} exists and is not a folder", hint="name another folder with --output")
    try:
        is_filled = folder.is_dir() and any(folder.iterdir())
        if is_filled and not overwrites:
            hint = "name another folder with --output, or overwrite its files with --force"
            raise RecipeError(f"{folder} already exists", hint=hint)
        make_folder(folder.parent)
    except OSError as error:
        raise InputOutputError(f"cannot create {folder}: {error.strerror or error}") from None
    try:
        if is_filled:
            for path, text in texts.items():
                make_folder((folder / path).parent)
                write_file(folder / path, text.encode())
            return
        write_folder(folder, {path: text.encode() for path, text in texts.items()})
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
