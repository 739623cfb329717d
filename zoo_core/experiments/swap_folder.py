"""Swap folder."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.experiments.design import SwapDesign
from zoo_core.filesystem import slugify, write
from zoo_core.recipes.recipe import to_toml
from zoo_core.runs import store
from zoo_core.runs.staging import locked_folder

DESIGN_FILE = "swap.json"


@contextmanager
def open_swap_folder(design: SwapDesign, requested: str | None) -> Iterator[Path]:
    """The folder of a swap, locked: the one wanted, else one of the same design that is not finished, else a new one.

    RecipeError for a folder that holds anything else.
    """
    plan = store.to_json(design.to_dict())
    folder = Path(requested) if requested is not None else _found(design.recipe.name, plan)
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another with --out")
    try:
        _refuse_others(folder, plan)
        folder.mkdir(parents=True, exist_ok=True)
        lock = locked_folder(folder, doing="swap", hint="name another folder with --out")
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    with lock:
        _laid_out(design, folder, plan)
        yield folder


def _refuse_others(folder: Path, plan: bytes) -> None:
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    if [one for one in there if one.name != "lock"] and not (folder / DESIGN_FILE).is_file():
        raise RecipeError(f"{folder} is not empty, and holds no swap", hint="name another folder with --out")
    if (folder / DESIGN_FILE).is_file() and (folder / DESIGN_FILE).read_bytes() != plan:
        hint = "name another with --out; to go on with this one, give the same recipe, choices and data"
        raise RecipeError(f"{folder} holds another swap", hint=hint)


def _laid_out(design: SwapDesign, folder: Path, plan: bytes) -> None:
    """The plan of a swap and its resolved recipes, the plan first: without it the folder is nobody's."""
    try:
        if not (folder / DESIGN_FILE).is_file():
            write(folder / DESIGN_FILE, plan)
        for name in ("trials", "records", "recipes"):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    for number, choice in enumerate(design.variants.compatible, start=1):
        text = to_toml(choice.recipe.plan(), choice.recipe.zoo.registry)
        write(folder / "recipes" / f"{number:02d}-{slugify(choice.name)}.toml", text.encode())


def _found(name: str, plan: bytes) -> Path:
    plain = re.sub(r"[^a-z0-9-]+", "-", Path(name).stem.lower()).strip("-")[:100] or "swap"
    parent = Path("swaps")
    for number in itertools.count(1):
        folder = parent / f"{plain}-{number}"
        if not os.path.lexists(folder):
            return folder
        kept = folder / DESIGN_FILE
        if kept.is_file() and kept.read_bytes() == plan and not (folder / "table.json").exists():
            return folder
    raise AssertionError  # there is always a next number
