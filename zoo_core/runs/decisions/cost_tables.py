"""The costs of mistakes as a user gives them: for two classes by kind of mistake, or a table of classes."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from zoo_core.components.decisions.decision import Costs, costs_problem
from zoo_core.config.raw_values import format_value
from zoo_core.config.toml import parse_toml, parse_toml_file
from zoo_core.errors import DataError, InputOutputError, RecipeError
from zoo_core.filesystem.names import closest_path_hint
from zoo_core.filesystem.reading import read_bounded
from zoo_core.messages import join_names, name_hint, quote_name

MAX_BYTES = 1 << 20
MAX_CLASSES = 200  # of a table of costs
MISTAKES = {"fn": (1, 0), "fp": (0, 1), "tp": (1, 1), "tn": (0, 0)}  # of two classes: true and predicted index
REQUIRED = ("fn", "fp")
EXAMPLE = "as in { fn = 5, fp = 1 } for two classes, or { spam = { ham = 5 }, ham = { spam = 1 } }"
Table = Mapping[str, Mapping[str, float]]


def parse_costs(text: str, classes: tuple[str, ...]) -> Costs:
    """The costs `(classes, classes)` in an inline table of TOML, or in the file of this name (TOML, CSV or TSV).

    Of two classes, `fn` is a missed second class and `fp` a false one; `tp` and `tn` are 0 by default. A table has the
    costs of a row's class by predicted class; a right answer costs 0 by default. Raises RecipeError for invalid text,
    DataError for an invalid file.
    """
    if text.lstrip().startswith("{"):
        return read_costs(parse_toml(f"costs = {text}", "--cost").values["costs"], classes, where="--cost")
    if not text.strip():
        raise RecipeError("no costs are given", where="--cost", hint=EXAMPLE)
    path = Path(text)
    try:
        data = read_bounded(path, MAX_BYTES, DataError, follow_links=True)
    except FileNotFoundError:
        hint = closest_path_hint(path, Path.is_file) or EXAMPLE
        raise DataError("there is no such file", where=text, hint=hint) from None
    except (OSError, ValueError) as error:
        raise InputOutputError(f"cannot read {text}: {getattr(error, 'strerror', error)}") from None
    try:
        if path.suffix.lower() in (".csv", ".tsv"):
            values: Any = _parse_rows(data, path)
        else:
            values = _parse_toml_file(data, path)
        return read_costs(values, classes, where=text)
    except RecipeError as error:
        raise DataError(*error.problems) from None


def read_costs(values: Any, classes: tuple[str, ...], *, where: str = "") -> Costs:
    """The costs `(classes, classes)` of plain values. Raises RecipeError for others."""
    if not isinstance(values, Mapping) or not values:
        raise RecipeError("the costs must be a table", where=where, hint=EXAMPLE)
    if len(classes) > MAX_CLASSES:
        raise RecipeError(f"costs are for at most {MAX_CLASSES} classes, the run has {len(classes)}", where=where)
    if any(isinstance(value, Mapping) for value in values.values()):
        table = _read_table(values, classes, where)
    else:
        table = _read_mistakes(values, classes, where)
    if problem := costs_problem(table, len(classes)):
        raise RecipeError(problem, where=where)
    return table


def _read_mistakes(values: Mapping[str, Any], classes: tuple[str, ...], where: str) -> Costs:
    """Costs by kind of mistake, for two classes."""
    if len(classes) != 2:
        message = f"fn and fp are the mistakes of two classes, the run has {len(classes)}"
        raise RecipeError(message, where=where, hint="give a table: the cost of each predicted class by true class")
    costs = [[0.0, 0.0], [0.0, 0.0]]
    for name, value in values.items():
        if name not in MISTAKES:
            hint = name_hint(name, MISTAKES)
            raise RecipeError(f'unknown kind of mistake "{name}"', where=where, hint=hint)
        true, predicted = MISTAKES[name]
        costs[true][predicted] = _number(value, name, where)
    if missing := [name for name in REQUIRED if name not in values]:
        raise RecipeError(f"missing the cost of {join_names(missing)}", where=where, hint=EXAMPLE)
    return tuple(map(tuple, costs))


def _read_table(values: Mapping[str, Any], classes: tuple[str, ...], where: str) -> Costs:
    """Costs by true and predicted class."""
    _check_names(values, classes, "", where)
    table = []
    for true in classes:
        row = values[true]
        if not isinstance(row, Mapping):
            raise RecipeError(f"{true}: must be a table, not {row!r:.60}", where=where, hint=EXAMPLE)
        _check_names(row, classes, true, where)
        table.append(tuple(_number(row.get(name, 0), f"{true}.{name}", where) for name in classes))
    return tuple(table)


def _check_names(row: Mapping[str, Any], classes: tuple[str, ...], true: str, where: str) -> None:
    """Raise RecipeError unless these are the classes; the class `true` itself may be left out."""
    prefix = f"{true}: " if true else ""
    known = set(classes)
    for name in row:
        if name not in known:
            raise RecipeError(f"{prefix}unknown class {quote_name(name)}", where=where, hint=name_hint(name, classes))
    if missing := [name for name in classes if name not in row and name != true]:
        raise RecipeError(f"{prefix}missing the costs of {join_names(missing, 5)}", where=where)


def _number(value: Any, name: str, where: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise RecipeError(f"{name}: must be a number, not {format_value(value)}", where=where)
    return float(value)


def _parse_toml_file(data: bytes, path: Path) -> Mapping[str, Any]:
    try:
        return parse_toml_file(data, path).values
    except RecipeError as error:
        hint = "a file of costs is TOML, or has a name in .csv or .tsv"
        raise RecipeError(*(evolve(one, hint=one.hint or hint) for one in error.problems)) from None


def _parse_rows(data: bytes, path: Path) -> dict[str, dict[str, Any]]:
    """The table in a CSV or TSV file: a header with the predicted classes, and a row for each true class."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RecipeError("invalid UTF-8", where=f"{path}:{line}") from None
    rows = list(_rows(text, path))
    if not rows:
        raise RecipeError("the file is empty", where=str(path))
    names = [name.strip() for name in rows[0][1][1:]]
    table: dict[str, dict[str, Any]] = {}
    for line, row in rows[1:]:
        true, *cells = (cell.strip() for cell in row)
        if len(cells) != len(names) or true in table or len(set(names)) < len(names):
            found = "a class twice" if true in table or len(set(names)) < len(names) else f"{len(cells)} costs"
            raise RecipeError(f"got {found}, expected {len(names)} costs of one class", where=f"{path}:{line}")
        pairs = zip(names, cells, strict=True)
        table[true] = {name: _cell(cell, path, line) for name, cell in pairs if cell or name != true}
    return table


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with their lines."""
    lines = text.splitlines(keepends=True)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    if lines and delimiter not in lines[0] and ";" in lines[0]:  # as spreadsheets write it in some languages
        delimiter = ";"
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise RecipeError(f"invalid table: {error}", where=f"{path}:{reader.line_num}") from None


def _cell(text: str, path: Path, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise RecipeError(f'must be a number, not "{text[:40]}"', where=f"{path}:{line}") from None
