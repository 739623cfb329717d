"""A new plugin's project: every file's text, and the folder made whole or not at all.

Jinja2 fills the templates in. copier would also carry later changes of a template into a project made earlier, but it
needs git, and a plugin lives on by its own tests: what changes here is told by the conformance kit, not by a template.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from zoo_cli.scaffold.example_kinds import EXAMPLES, ExampleKind
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem import replace_empty_folder
from zoo_core.plugins.deprecations import API_VERSION

NAME_PATTERN = re.compile(r"textzoo(-[a-z][a-z0-9]*)+")
FIXED_FILES = {  # template → file
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "LICENSE": "LICENSE",
    "gitignore": ".gitignore",
    "workflow.yml": ".github/workflows/test.yml",
}


def render_project(name: str, kinds: Iterable[str]) -> dict[str, str]:
    """The text of each file of the project of this name, bringing an example of each kind, by its path in the folder.

    RecipeError for a name that no distribution, or no plugin of this zoo, can have.
    """
    package = _package_name(name)
    wanted = set(kinds)
    parts = [part for part in EXAMPLES if part.kind in wanted]
    given = {
        "name": name,
        "package": package,
        "plugin": name.removeprefix("textzoo-"),
        "parts": parts,
        "components": [part for part in parts if part.base],
        "kinds": wanted,
        "hooks": bool(wanted - {"command"}),
        "api": _api_requirement(API_VERSION),
    }
    engine = Environment(
        loader=PackageLoader("zoo_cli.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return {path: engine.get_template(f"{one}.j2").render(given) for path, one in _iter_templates(package, parts)}


def _iter_templates(package: str, parts: list[ExampleKind]) -> Iterator[tuple[str, str]]:
    """Each file of the project and the template it is made from."""
    yield from ((path, template) for template, path in FIXED_FILES.items())
    yield f"{package}/__init__.py", "package.py"
    yield f"{package}/py.typed", "py.typed"
    if any(part.module for part in parts):
        yield f"{package}/modules/__init__.py", "modules/package.py"
    if any(part.base for part in parts):
        yield "tests/test_contract.py", "tests/contract.py"
    for part in parts:
        suffix = "toml" if part.kind == "recipe" else "py"
        yield f"{package}/{part.file}.{suffix}", f"examples/{part.file}.{suffix}"
        yield f"tests/test_{part.file}.py", f"tests/{part.file}.py"
        if part.module:
            yield f"{package}/modules/{part.file}.py", f"modules/{part.file}.py"


def _package_name(name: str) -> str:
    """The import package of a distribution of this name."""
    if not NAME_PATTERN.fullmatch(name) or len(name) > 48:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").removeprefix("textzoo").lstrip("0123456789-")
        raise RecipeError(
            f'invalid plugin name "{name}": expected textzoo- and words of a to z and 0 to 9, joined by -',
            hint=f'use "textzoo-{plain[:40].strip("-") or "mine"}"',
        )
    return name.replace("-", "_")


def _api_requirement(version: str) -> str:
    """The versions of the zoo with the plugin API of this one, as a requirement."""
    major, minor = (int(number) for number in version.split(".")[:2])
    above = f"{major + 1}" if major else f"0.{minor + 1}"
    return f"textzoo>={major}.{minor},<{above}"


def write_project(folder: Path, texts: dict[str, str]) -> None:
    """Write a project into a folder that is not there or is empty, whole or not at all."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise RecipeError(f"{folder} exists and is not a folder", hint="name another folder with --dir")
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise RecipeError(f"{folder} already exists", hint="name another folder with --dir")
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent.resolve()))
    except OSError as error:
        raise InputOutputError(f"cannot create {folder}: {error.strerror or error}") from None
    try:
        draft.chmod(0o755)
        for path, text in texts.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_text(text, "utf-8", newline="\n")
        replace_empty_folder(draft, folder)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
