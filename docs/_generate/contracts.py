"""The page of contracts: each attribute and method of the base class of each kind, from its docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from inspect import cleandoc

from _generate.markdown import code, note, table
from _generate.public_surface import attribute_text, signature_text
from zoo_core.components.component import Component
from zoo_core.components.kinds import KINDS
from zoo_core.components.protocols import Encoder, MetricAccumulator

HEAD = """# Contracts

What a component of each kind declares and defines. `help(zoo_core.Loss)` prints the same in Python. Shapes: a batch of
scores is `(batch, outputs)`, targets are class indices `(batch,)` of type int64.
"""
ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n        .*)*)", re.MULTILINE)


def page() -> str:
    """The text of the page."""
    bases = [Component, *(kind.base for kind in KINDS)]
    parts = [note("contracts"), HEAD, *(_section(base) for base in bases)]
    return "\n".join([*parts, *(_section(protocol) for protocol in (Encoder, MetricAccumulator))])


def attribute_docs(cls: type) -> dict[str, str]:
    """The meaning of each attribute, from the section `Attributes:` of the docstring."""
    section = (inspect.getdoc(cls) or "").partition("\nAttributes:\n")[2]
    return {name: " ".join(text.split()) for name, text in ATTRIBUTE.findall(section)}


def _section(cls: type) -> str:
    summary = (inspect.getdoc(cls) or "").partition("\nAttributes:\n")[0]
    parts = [f"## {cls.__name__}", "", _prose(summary), ""]
    meanings = attribute_docs(cls)
    if meanings:
        rows = [(code(f"{name}{attribute_text(cls, name)}"), text) for name, text in meanings.items()]
        parts += [table(("attribute", "meaning"), rows), ""]
    for name, function, text in _iter_methods(cls):
        parts += [
            f"### {cls.__name__}.{name}",
            "",
            code(f"{name}{text}"),
            "",
            _prose(cleandoc(function.__doc__ or "")),
            "",
        ]
    return "\n".join(parts)


def _iter_methods(cls: type) -> Iterator[tuple[str, object, str]]:
    for name, value in vars(cls).items():
        function = value.fget if isinstance(value, property) else value
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function, signature_text(function)


def _prose(docstring: str) -> str:
    """A docstring as Markdown: paragraphs on one line each, lists as they are."""
    paragraphs = docstring.strip().split("\n\n")
    return "\n\n".join(text if text.startswith("- ") else " ".join(text.split()) for text in paragraphs)
