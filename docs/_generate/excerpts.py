"""Blocks of hand-written pages that are copied from a source.

A block under `<!-- source: scaffold PATH NAME … -->` holds these classes of a file of `zoo plugins new`; under
`<!-- source: hookspecs -->` it holds the signature of each hook; under `<!-- source: modules -->`, the modules of each
package.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from pathlib import Path

from _generate.modules import list_modules
from zoo_cli.scaffold import example_kinds, project
from zoo_core import hookspecs

BLOCK = re.compile(
    r"^<!-- source: (?P<source>.+?) -->\n(?P<fence>```\w+\n)(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
PAGES = ("architecture.md", "how-to/write-a-plugin.md", "reference/hooks.md")


def updated(path: Path) -> str:
    """The text of a page with every copied block as its source has it."""
    return BLOCK.sub(
        lambda found: f"<!-- source: {found['source']} -->\n{found['fence']}{read_source(found['source'])}```",
        path.read_text("utf-8"),
    )


def read_source(source: str) -> str:
    """The text of a source."""
    if source == "hookspecs":
        return "".join(f"{_signature(name)}\n" for name in vars(hookspecs) if name.startswith("zoo_"))
    if source == "modules":
        return list_modules()
    kind, path, *names = source.split()
    assert kind == "scaffold", source
    text = _project()[path]
    nodes = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    lines = text.splitlines()
    classes = []
    for name in names:
        node = nodes[name]
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        classes.append("\n".join(lines[first - 1 : node.end_lineno]))
    return "\n\n\n".join(classes) + "\n"


@cache
def _project() -> dict[str, str]:
    return project.render_project("textzoo-mine", list(example_kinds.KINDS))


def _signature(name: str) -> str:
    signature = str(inspect.signature(getattr(hookspecs, name)))
    return name + signature.replace("contracts.", "").replace("'", "")
