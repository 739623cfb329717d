"""The folder of a swap: found or created, locked while the swap runs, with the design and the resolved recipes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.experiments.design import SwapDesign
from zoo_core.filesystem.names import slugify
from zoo_core.filesystem.writing import write_file
from zoo_core.runs import store
from zoo_core.runs.staging import locked_folder

DESIGN_FILE = "swap.json"
RESULTS_FILE = "table.json"  # written last: a folder that has it is finished


@contextmanager
def open_swap_folder(design: SwapDesign, requested: str | None) -> Iterator[Path]:
    """Lock the folder of a swap: the requested one, else an unfinished one of the same design, else a new one.

    Raises RecipeError if the folder holds anything else.
    """
    content = store.to_json(design.to_dict())
    folder = Path(requested) if requested is not None else _choose_folder(design.recipe.name, content)
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another folder with --out")
    try:
        _check_content(folder, content)
        folder.mkdir(parents=True, exist_ok=True)
        lock = locked_folder(folder, doing="swap", hint="name another folder with --out")
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    with lock:
        _write_layout(design, folder, content)
        yield folder


def _check_content(folder: Path, content: bytes) -> None:
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    is_swap = (folder / DESIGN_FILE).is_file()
    if not is_swap and any(name != "lock" for name in names):
        raise RecipeError(f"{folder} is not empty and not a swap folder", hint="name another folder with --out")
    if is_swap and (folder / DESIGN_FILE).read_bytes() != content:
        hint = "name another folder with --out; to resume this swap, give the same recipe, variants and data"
        raise RecipeError(f"{folder} holds another swap", hint=hint)


def _write_layout(design: SwapDesign, folder: Path, content: bytes) -> None:
    """Write the design and the resolved recipes; the design first, as it marks the folder as a swap."""
    try:
        if not (folder / DESIGN_FILE).is_file():
            write_file(folder / DESIGN_FILE, content)
        for name in ("trials", "records", "recipes"):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    for number, variant in enumerate(design.variants.compatible, start=1):
        write_file(folder / "recipes" / f"{number:02d}-{slugify(variant.name)}.toml", variant.to_toml().encode())


def _choose_folder(recipe: str, content: bytes) -> Path:
    slug = slugify(Path(recipe).stem, default="swap", limit=100)
    for number in itertools.count(1):
        folder = Path("swaps") / f"{slug}-{number}"
        if not os.path.lexists(folder):
            return folder
        design = folder / DESIGN_FILE
        if design.is_file() and design.read_bytes() == content and not (folder / RESULTS_FILE).exists():
            return folder
    raise AssertionError  # count() does not end
