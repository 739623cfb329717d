"""The pages of components, one for each kind, from the registry."""

from __future__ import annotations

from inspect import cleandoc

from _generate.markdown import note, table
from _generate.settings import Schema, setting_rows, shipped_schema
from zoo_core import open_zoo
from zoo_core.components.kinds import KINDS, Kind, summary_line

INDEX = """# Components

Every component that comes with textzoo. `zoo list KIND` lists the components of a kind, also those of plugins;
`zoo show KIND NAME` prints one with its contract. `zoo plot activation NAME …` and `zoo plot loss NAME …` draw
activations and losses. The sections in the sources refer to Rao & McMahan, *Natural Language Processing with PyTorch*.
"""


def pages() -> dict[str, str]:
    """File name and text of the index and of a page for each kind."""
    registry = open_zoo(disabled=("*",)).registry
    rows = [
        (f"[{kind.name}]({kind.name}.md)", summary_line(kind.base), str(len(registry.of_kind(kind.name))))
        for kind in KINDS
    ]
    toctree = "\n".join(["```{toctree}", ":hidden:", "", *(kind.name for kind in KINDS), "```"])
    index = "\n".join([note("components"), "", INDEX, table(("kind", "what it is", "components"), rows), "", toctree])
    return {"index.md": index, **{f"{kind.name}.md": _page(kind) for kind in KINDS}}


def _page(kind: Kind) -> str:
    definitions = shipped_schema()["definitions"]
    names = sorted(key.partition(".")[2] for key in definitions if key.startswith(f"{kind.name}."))
    schemas = {name: definitions[f"{kind.name}.{name}"] for name in names if not name.startswith("_")}
    overview = table(
        ("name", "what it is"),
        [(f"[`{name}`](#{name})", schema["description"].split("\n\n")[0]) for name, schema in schemas.items()],
    )
    head = f"# {kind.plural.capitalize()}\n\n{summary_line(kind.base)}\n"
    return "\n".join([note("components"), "", head, overview, "", *(_section(*item) for item in schemas.items())])


def _section(name: str, schema: Schema) -> str:
    parts = [f"## {name}", _prose(schema["description"])]
    if rows := setting_rows(schema):
        parts.append(table(("setting", "type", "default", "meaning"), rows))
    return "\n\n".join(parts) + "\n"


def _prose(docstring: str) -> str:
    """A docstring as Markdown: paragraphs on one line each, asterisks as they are."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in cleandoc(docstring).split("\n\n")]
    return "\n\n".join(paragraph.replace("*", "\\*").replace("<", "\\<") for paragraph in paragraphs)
