"""Write the notebooks of the tutorial from their pages: `python docs/notebooks.py`. `refresh_tutorial.py` does so, too.

A Python block is a code cell, the text block below it its output, and everything between is a Markdown cell. Notebooks
are JSON (nbformat 4.5); the same page gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
NAMES = ("chapter-3",)  # pages that are notebooks as well
FENCE = re.compile(r"^```(?P<language>[a-z]*)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_of(page: str) -> str:
    """The notebook of a page, as JSON with one line for each line of a cell."""
    cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(_cells(page), 1)]
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cells(page: str) -> Iterator[dict[str, Any]]:
    code: dict[str, Any] | None = None  # the cell that has no output yet
    end, count = 0, 0
    for block in FENCE.finditer(page):
        if text := page[end : block.start()].strip():
            if code:
                yield code
                code = None
            yield {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}
        end = block.end()
        if block["language"] == "python":
            if code:
                yield code
            count += 1
            code = {"cell_type": "code", "execution_count": count, "metadata": {}, "outputs": []}
            code["source"] = _lines(block["body"].rstrip("\n"))
        elif block["language"] == "text" and code:
            code["outputs"] = [{"name": "stdout", "output_type": "stream", "text": _lines(block["body"])}]
            yield code
            code = None
        else:
            raise ValueError(f"a notebook has no blocks of {block['language']}: {block['body'][:40]}")
    if code:
        yield code
    if text := page[end:].strip():
        yield {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def pages() -> list[Path]:
    """The pages that are notebooks as well, in every language."""
    return [page for name in NAMES for page in sorted(DOCS.glob(f"tutorial*/{name}.md"))]


def write_notebook(page: Path) -> None:
    """Write the notebook of a page beside it, if it has one."""
    if page.stem in NAMES:
        page.with_suffix(".ipynb").write_text(notebook_of(page.read_text("utf-8")), "utf-8", newline="\n")


if __name__ == "__main__":
    for one in pages():
        write_notebook(one)
