"""Write the generated pages of the reference, and the blocks that other pages copy from a source.

Run `python docs/generate.py` after a change of a command, a component, a hook or a check. A test compares the pages.
"""

from __future__ import annotations

from pathlib import Path

from _generate import commands, components, conformance, contracts, excerpts, public_surface, recipe_keys, recipes

DOCS = Path(__file__).parent


def generated_pages() -> dict[Path, str]:
    """Path and text of every generated page."""
    pages = {
        "reference/commands.md": commands.page(),
        "reference/conformance.md": conformance.page(),
        "reference/contracts.md": contracts.page(),
        "reference/public-surface.txt": public_surface.text(),
        "reference/recipe-keys.md": recipe_keys.page(),
        "reference/recipes.md": recipes.page(),
        **{f"reference/components/{name}": text for name, text in components.pages().items()},
        **{name: excerpts.updated(DOCS / name) for name in excerpts.PAGES},
    }
    return {DOCS / name: text.rstrip("\n") + "\n" for name, text in pages.items()}


if __name__ == "__main__":
    for path, text in generated_pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
