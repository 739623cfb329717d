"""The pages of components, one for each kind, from the registry."""

from __future__ import annotations

from inspect import cleandoc

from _generate.markdown import note, table
from _generate.settings import Schema, setting_rows, shipped_schema
from zoo_core import open_zoo
from zoo_core.components.kinds import KINDS

INDEX = """# Components

Every component that comes with textzoo. `zoo list KIND` lists the components of a kind, also those of plugins;
`zoo show KIND NAME` prints one with its contract. `zoo plot activation NAME …` and `zoo plot loss NAME …` draw
activations and losses. The sections in the sources refer to Rao & McMahan, *Natural Language Processing with PyTorch*.
"""
ROLES = {
    "task": "what the columns of a table mean, and how texts are normalized",
    "reader": "a file format",
    "vectorizer": "texts to features",
    "weighting": "the weight of a feature in a text",
    "model": "features to scores",
    "activation": "the nonlinearity of a model",
    "loss": "what training minimizes",
    "optimizer": "how parameters are updated",
    "scheduler": "how the learning rate changes",
    "metric": "what is measured on a split",
}


def pages() -> dict[str, str]:
    """File name and text of the index and of a page for each kind."""
    registry = open_zoo(disabled=("*",)).registry
    counts = {kind.name: len(registry.of_kind(kind.name)) for kind in KINDS}
    rows = [(f"[{kind}]({kind}.md)", ROLES[kind], str(count)) for kind, count in counts.items()]
    toctree = "\n".join(["```{toctree}", ":hidden:", "", *counts, "```"])
    index = "\n".join([note("components"), "", INDEX, table(("kind", "role", "components"), rows), "", toctree])
    return {"index.md": index, **{f"{kind}.md": _page(kind) for kind in counts}}


def _page(kind: str) -> str:
    definitions = shipped_schema()["definitions"]
    names = sorted(key.partition(".")[2] for key in definitions if key.startswith(f"{kind}."))
    schemas = {name: definitions[f"{kind}.{name}"] for name in names if not name.startswith("_")}
    overview = table(
        ("name", "what it is"),
        [(f"[`{name}`](#{name})", schema["description"].split("\n\n")[0]) for name, schema in schemas.items()],
    )
    title = {"loss": "Losses"}.get(kind, f"{kind.capitalize()}s")
    head = f"# {title}\n\nRole: {ROLES[kind]}.\n"
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
