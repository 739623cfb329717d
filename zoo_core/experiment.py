"""A swap: its folder, its cells, and going on with those that are not done."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from zoo_core import runs
from zoo_core.blame import faults_of
from zoo_core.cells import Cell, Record, Work, do, pending, record_of, table_of, write
from zoo_core.choices import Choices, choices_of
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.recipe import Recipe, to_toml
from zoo_core.sharing import Rows, Sharing, keys_of
from zoo_core.sources import files_of, is_pipe
from zoo_core.unfinished import locked

FORMAT = 1
PLAN = "swap.json"
SEEDS = 3  # of each choice, where there are no folds: with fewer the parts cannot be told from the seeds


@frozen
class Design:
    """What a swap is asked to do. Two of the same design are the same swap, wherever and however they are done."""

    recipe: Recipe
    choices: Choices
    rows: Rows
    seeds: int
    data: str | None
    sha256: str
    reader: str
    threads: int

    def cells(self) -> tuple[Cell, ...]:
        """Every cell: seed by seed and fold by fold each choice, so that what is done early can be compared."""
        found = []
        for seed, fold in itertools.product(range(self.seeds), range(1, self.rows.folds + 1) or (0,)):
            for number, choice in enumerate(self.choices.fitting):
                # each fold has seeds of its own, or what one seed did would pass for what all folds did
                own = choice.recipe.plan().training.seed + seed + self.seeds * max(fold - 1, 0)
                made = choice.recipe.override(f"training.seed={own}", f"training.threads={self.threads}")
                place = f"seed-{own}" + (f"-fold-{fold}" if fold else "")
                name = f"{number + 1:02d}-{_slug(choice.name)}-{place}"
                title = f"{choice.name}, seed {own}" + (f", fold {fold}" if fold else "")
                text = to_toml(made.plan(), made.zoo.registry)
                found.append(Cell(name, title, number, own, fold, text))
        return tuple(found)

    def plain(self) -> dict[str, Any]:
        """All of it, as kept in the folder."""
        registry = self.recipe.zoo.registry
        return {
            "format": FORMAT,
            "recipe": self.recipe.name,
            "choices": [
                {"name": one.name, "recipe": to_toml(one.recipe.plan(), registry)} for one in self.choices.fitting
            ],
            "on": self.rows.on,
            "folds": self.rows.folds,
            "group": self.rows.group,
            "seeds": self.seeds,
            "threads": self.threads,
            "data": {"source": self.data, "sha256": self.sha256, "reader": self.reader},
        }


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "choice"


def designed(
    recipe: Recipe,
    swaps: Sequence[str],
    *,
    data: str | None = None,
    reader: str = "",
    rows: Rows | None = None,
    seeds: int = 0,
    jobs: int = 1,
    strict: bool = False,
) -> Design:
    """The design of a swap, everything checked that can be before training; the data is read for its classes."""
    from zoo_core.workers import threads_of

    rows = rows or Rows()
    if data is not None and any(map(is_pipe, files_of(data))):
        raise RecipeError("a swap can go on later, and a pipe cannot", hint="name a file with --data FILE")
    if rows.group and not rows.folds:
        raise RecipeError("--group is for folds", hint="--folds 5")
    if rows.folds and rows.on != "val":
        raise RecipeError(f"--on {rows.on} and --folds are two ways to judge", hint="leave one of them out")
    if rows.folds == 1 or rows.folds < 0 or seeds < 0:
        raise RecipeError("folds are 2 or more, seeds 1 or more")
    with faults_of(recipe.zoo.registry):
        choices_of(recipe, swaps, strict=strict)  # what needs no data is told before any is read
        table = table_of(recipe, data, reader)
        choices = choices_of(recipe, swaps, num_classes=Sharing(table, reader, rows).classes(recipe), strict=strict)
    if swaps and len(choices.fitting) < 2:
        told = "; ".join(f"{name}: {reason}" for name, reason in choices.skipped.items())
        raise RecipeError(f"nothing is left to compare with: {told}")
    most = max(one.recipe.plan().training.threads for one in choices.fitting)
    seeds = seeds or (1 if rows.folds else SEEDS)
    design = Design(recipe, choices, rows, seeds, data, table.sha256, reader, threads_of(most, jobs))
    _refuse_twins(design.cells())
    return design


def _refuse_twins(cells: Sequence[Cell]) -> None:
    """RecipeError where two choices come to one training, as with seeds that overlap: it would count twice."""
    seen: dict[tuple[int, str], Cell] = {}
    for cell in cells:
        twin = seen.setdefault((cell.fold, cell.recipe), cell)
        if twin is not cell:
            told = f'"{twin.title}" and "{cell.title}" are the same training'
            raise RecipeError(
                told, hint="every choice has --seeds N, from its own training.seed on, and the same threads"
            )


@contextmanager
def opened(design: Design, wanted: str | None) -> Iterator[Path]:
    """The folder of a swap, locked: the one wanted, else one of the same design that is not finished, else a new one.

    RecipeError for a folder that holds anything else.
    """
    plan = runs.to_json(design.plain())
    folder = Path(wanted) if wanted is not None else _found(design.recipe.name, plan)
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another with --out")
    try:
        _refuse_others(folder, plan)
        folder.mkdir(parents=True, exist_ok=True)
        lock = locked(folder, doing="swap", hint="name another folder with --out")
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    with lock:
        _laid_out(design, folder, plan)
        yield folder


def _refuse_others(folder: Path, plan: bytes) -> None:
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    if [one for one in there if one.name != "lock"] and not (folder / PLAN).is_file():
        raise RecipeError(f"{folder} is not empty, and holds no swap", hint="name another folder with --out")
    if (folder / PLAN).is_file() and (folder / PLAN).read_bytes() != plan:
        hint = "name another with --out; to go on with this one, give the same recipe, choices and data"
        raise RecipeError(f"{folder} holds another swap", hint=hint)


def _laid_out(design: Design, folder: Path, plan: bytes) -> None:
    """The plan of a swap and its resolved recipes, the plan first: without it the folder is nobody's."""
    try:
        if not (folder / PLAN).is_file():
            write(folder / PLAN, plan)
        for name in ("cells", "records", "recipes"):
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    for number, choice in enumerate(design.choices.fitting, start=1):
        text = to_toml(choice.recipe.plan(), choice.recipe.zoo.registry)
        write(folder / "recipes" / f"{number:02d}-{_slug(choice.name)}.toml", text.encode())


def _found(name: str, plan: bytes) -> Path:
    plain = re.sub(r"[^a-z0-9-]+", "-", Path(name).stem.lower()).strip("-")[:100] or "swap"
    parent = Path("swaps")
    for number in itertools.count(1):
        folder = parent / f"{plain}-{number}"
        if not os.path.lexists(folder):
            return folder
        kept = folder / PLAN
        if kept.is_file() and kept.read_bytes() == plan and not (folder / "table.json").exists():
            return folder
    raise AssertionError  # there is always a next number


def work_off(
    design: Design,
    folder: Path,
    *,
    jobs: int = 1,
    backend: str = "loky",
    told: Callable[[Record], None],
    disabled: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
) -> list[Record]:
    """Do every cell that is not done, and give the records of all."""
    cells = design.cells()
    zoo = design.recipe.zoo
    left = sorted(pending(folder, cells), key=lambda cell: _sharing_order(design, cell))
    data = None if design.data is None else str(Path(design.data).absolute())
    files = tuple(str(Path(file).expanduser().absolute()) for file in files)
    name = design.recipe.name
    whole = Work(str(folder.absolute()), name, data, design.sha256, design.reader, design.rows, (), disabled, files)
    if left and jobs == 1 and backend == "loky":
        do(evolve(whole, cells=tuple(left)), zoo, told)
    elif left:
        from zoo_core.workers import do_all

        works = [evolve(whole, cells=part) for part in _parts(design, left, jobs)]
        do_all(works, jobs, backend, design.threads, told)
    found = [record_of(folder, cell) for cell in cells]
    return [record for record in found if record is not None]


def _sharing_order(design: Design, cell: Cell) -> tuple[Any, ...]:
    choice = design.choices.fitting[cell.choice]
    return (*keys_of(choice.recipe.plan(), cell.fold), cell.seed, cell.choice)


def _parts(design: Design, cells: Sequence[Cell], jobs: int) -> Iterator[tuple[Cell, ...]]:
    """Cells for one process each: what shares its data stays together, cut where there would be too few parts."""
    groups = [list(own) for _, own in itertools.groupby(cells, key=lambda cell: _sharing_order(design, cell)[:3])]
    pieces = max(1, math.ceil(jobs / len(groups)))
    for group in groups:
        size = math.ceil(len(group) / pieces)
        yield from (tuple(group[at : at + size]) for at in range(0, len(group), size))
