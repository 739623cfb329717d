"""The files of a plugin's project, rendered from templates: first without its names, then with them.

Rendering in two steps makes a stored file of an older version comparable after the project was renamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined

from zoo_cli.scaffold.example_kinds import EXAMPLES, ExampleKind
from zoo_core.plugins.deprecations import API_VERSION

FIXED_FILES = {  # template → path in the project
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "LICENSE": "LICENSE",
    "gitignore": ".gitignore",
    "workflow.yml": ".github/workflows/test.yml",
}
NAMES = {name: f"{{{{ {name} }}}}" for name in ("name", "package", "plugin")}  # what stands for each of the names
_NAME = re.compile(r"\{\{ (name|package|plugin) \}\}")


@frozen
class ProjectNames:
    """The names of a project: its distribution, its import package, and its plugin."""

    name: str
    package: str
    plugin: str

    def fill(self, text: str) -> str:
        """The text with these names in the places of `{{ name }}`, `{{ package }}` and `{{ plugin }}`."""
        return _NAME.sub(lambda found: str(getattr(self, found[1])), text)


def render_templates(kinds: Collection[str]) -> dict[str, str]:
    """The text of each file of a project with an example of each kind, by path, both without the project's names."""
    examples = [example for example in EXAMPLES if example.kind in kinds]
    context = {
        **NAMES,
        "examples": examples,
        "components": [example for example in examples if example.base],
        "kinds": set(kinds),
        "hooks": bool(set(kinds) - {"command"}),
        "api_version": API_VERSION,
        "requirement": _api_requirement(API_VERSION),
    }
    return {
        path: _engine().get_template(f"{template}.j2").render(context) for path, template in _iter_templates(examples)
    }


@cache
def _engine() -> Environment:
    return Environment(
        loader=PackageLoader("zoo_cli.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _iter_templates(examples: list[ExampleKind]) -> Iterator[tuple[str, str]]:
    """The path of each file of the project, and its template."""
    package = NAMES["package"]
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


def _api_requirement(version: str) -> str:
    """The requirement for versions of textzoo with this plugin API."""
    major, minor = (int(number) for number in version.split(".")[:2])
    next_incompatible = f"{major + 1}" if major else f"0.{minor + 1}"
    return f"textzoo>={major}.{minor},<{next_incompatible}"
