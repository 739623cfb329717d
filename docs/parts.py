"""Writes the tables of `parts.md` anew from what is registered: `python docs/parts.py`. A test holds the page to it."""

from __future__ import annotations

from pathlib import Path

from attrs import fields

from zoo_core import open_zoo
from zoo_core.components.kinds import KINDS

PAGE = Path(__file__).with_name("parts.md")
MARK = "<!-- every part, written by docs/parts.py -->\n"


def tables() -> str:
    """A table for each kind: name, what it is, its settings, its source."""
    registry = open_zoo().registry
    lines: list[str] = []
    for kind in KINDS:
        lines += [f"### {kind.name.capitalize()}", "", "| name | what it is | settings | source |", "|---|---|---|---|"]
        for entry in registry.of_kind(kind.name):
            if entry.owner.distribution != "textzoo":  # a plugin of somebody's own, installed here
                continue
            _, _, source = " ".join((entry.cls.__doc__ or "").split()).partition("Source: ")
            first = (entry.cls.__doc__ or "").split("\n\n")[0]
            settings = ", ".join(f"`{one.name}`" for one in fields(entry.cls)) or "none"
            cells = (f"`{entry.name}`", " ".join(first.split()), settings, source or "the zoo's own")
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its tables as they should be."""
    return text.partition(MARK)[0] + MARK + "\n" + tables()


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
