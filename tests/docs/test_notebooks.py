"""The notebooks of the tutorial are their pages, in every language."""

from __future__ import annotations

import ast
import importlib.util
import json

import pytest

from tests.docs.blocks import ROOT, read_blocks


def load_script():
    """docs/notebooks.py as a module."""
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / "docs" / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()
PAGES = {page.relative_to(ROOT).as_posix(): page for page in SCRIPT.pages()}


@pytest.mark.parametrize("name", PAGES)
def test_a_notebook_is_its_page(name):
    page = PAGES[name]
    text = page.with_suffix(".ipynb").read_text("utf-8")
    assert text == SCRIPT.notebook_of(page.read_text("utf-8")), "run: python docs/notebooks.py"
    cells = json.loads(text)["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    blocks = read_blocks(page)
    assert ["".join(cell["source"]) + "\n" for cell in code] == [b.text for b in blocks if b.language == "python"]
    outputs = [line for cell in code for output in cell["outputs"] for line in output["text"]]
    assert "".join(outputs) == "".join(block.text for block in blocks if block.is_output)
    assert len({cell["id"] for cell in cells}) == len(cells) and len(code) > 15


def test_every_language_uses_the_same_functions():
    used = [
        {
            node.attr
            for block in read_blocks(page)
            if block.language == "python"
            for node in ast.walk(ast.parse(block.text))
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("zoo_core", "run")
        }
        for page in PAGES.values()
    ]
    english, korean = used
    assert english ^ korean <= {"evaluate", "summary"}  # of data in memory there is no test split to read again


def test_a_block_that_a_notebook_cannot_run_is_an_error():
    with pytest.raises(ValueError, match="no blocks of sh"):
        SCRIPT.notebook_of("# A page\n\n```sh\nzoo train\n```\n")
