"""Errors about missing columns made complete: every column that a task lacks, and those that are probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import polars as pl
from attrs import evolve

from zoo_core.components.contracts import Task
from zoo_core.components.kinds import setting_fields
from zoo_core.components.missing_columns import ColumnNames, MissingColumns, MissingColumnsError
from zoo_core.components.table import Table
from zoo_core.data.column_guesses import Role, guess_columns
from zoo_core.data.delimited.advice import advise_reading
from zoo_core.data.field_guesses import guess_fields
from zoo_core.data.task_results.columns import check_texts
from zoo_core.errors import Change, ZooError
from zoo_core.messages import suggest

MAX_LINES = 200  # of a file, by which its delimiter and its header are judged
ROLES: tuple[Role, ...] = ("text", "label", "split")


@contextmanager
def complete_missing_columns(task: Task, table: Table, *, roles: Collection[Role] = ROLES) -> Iterator[None]:
    """Have an error about one missing column name every one, whichever the task asks for first, and guess them.

    Also if the task looks for a column in the frame, not by `Table.column`. `roles` are those that are needed.
    """
    try:
        yield
    except (MissingColumnsError, pl.exceptions.ColumnNotFoundError) as error:
        names: ColumnNames = find_missing(task, table, roles)
        if isinstance(error, MissingColumnsError):
            known = {name for group in names.values() for name in group}
            others = {key: group for key, group in error.missing.names.items() if not known.issuperset(group)}
            names = {**names, **others}
        elif not names:
            raise
        raise MissingColumnsError.of(describe_missing(task, table, names)) from None


def read_texts(task: Task, table: Table) -> pl.Series:
    """The texts of a table, for predictions."""
    with complete_missing_columns(task, table, roles=ROLES[:1]):
        return check_texts(task, table, task.texts(table))


def find_missing(task: Task, table: Table, roles: Collection[Role] = ROLES) -> dict[str, list[str]]:
    """The columns of texts, labels and splits that a table lacks, by setting; a default split column is optional."""
    missing: dict[str, list[str]] = {}
    for role, names in _columns_by_role(task, table).items():
        absent = [name for name in names if not table.find_column(name)] if role in roles else []
        if role == "split" and absent and absent[0] == _default(task, setting_of(task, absent[0], role)):
            absent = []
        for name in absent:
            missing.setdefault(setting_of(task, name, role), []).append(name)
    if "label" in roles and task.has_soft_targets():
        absent = [name for name in getattr(task, "probabilities", ()) if not table.find_column(name)]
        missing |= {"task.probabilities": absent} if absent else {}
    return missing


def describe_missing(task: Task, table: Table, names: ColumnNames) -> MissingColumns:
    """What an error tells of these missing columns, with guesses, or what else is wrong with the file."""
    missing = table.describe_missing(names)
    head = _read_head(table)
    asked = [name for group in names.values() for name in group]
    is_advised = bool(asked) and (table.is_lines or table.has_header)
    advice = advise_reading(head.head(MAX_LINES), asked, is_lines=table.is_lines) if is_advised else None
    if advice:
        columns = _guess_after(task, table, names, advice.frame)
        return evolve(missing, reason=advice.reason, changes=((*advice.change, *columns),))
    is_one = len(missing.columns) == 1 and not missing.unread
    return missing if is_one else evolve(missing, guesses=_guess(task, table, names))


def _guess_after(task: Task, table: Table, names: ColumnNames, frame: pl.DataFrame) -> Change:
    """The columns that are probably meant once the table is read as `frame`; none unless all are found."""
    by_role = _columns_by_role(task, table)
    lacking: dict[Role, str] = {}
    for role, columns in by_role.items():
        asked = [name for name in columns if role == "text" or setting_of(task, name, role) in names]
        absent = [name for name in asked if name not in frame.columns]
        lacking |= {role: absent[0]} if absent else {}
    present = {name for columns in by_role.values() for name in columns if name in frame.columns}
    guesses = guess_columns(frame.columns, frame, list(lacking), lacking, present)
    if guesses.keys() != lacking.keys():
        return ()
    return tuple((setting_of(task, name, role), guesses[role]) for role, name in lacking.items())


def _read_head(table: Table) -> pl.DataFrame:
    """The first rows with every column, or with those that were read."""
    if table.read_head is not None:
        with suppress(ZooError):  # the other columns cannot be read
            return table.read_head()
    return table.frame


def setting_of(task: Task, name: str, role: str) -> str:
    """The dotted key of the setting that names a column."""
    for key in (role, *(field.name for field in setting_fields(type(task)))):
        value = getattr(task, key, None)
        if value == name or (isinstance(value, tuple) and name in value):
            return f"task.{key}"
    return f"task.{role}"


def _columns_by_role(task: Task, table: Table) -> dict[Role, Sequence[str]]:
    texts: Sequence[str] = ()
    with suppress(ZooError, pl.exceptions.PolarsError):
        texts = task.text_columns(table)
    labels = () if task.has_soft_targets() else task.label_columns(table)
    split = task.split_column(table)
    return {"text": texts, "label": labels, "split": [split] if split else []}


def _default(task: Task, key: str) -> object:
    return {field.name: field.default for field in setting_fields(type(task))}.get(key.removeprefix("task."))


def _guess(task: Task, table: Table, names: ColumnNames) -> dict[str, list[str]]:
    """The columns that are probably meant, by setting; for several texts, those that are there."""
    by_role = _columns_by_role(task, table)
    asked: dict[str, Role] = {}  # the role of each setting
    for role, columns in by_role.items():
        if role == "text" and task.output_type != "text":
            continue
        asked |= {key: role for name in columns if (key := setting_of(task, name, role)) in names}
    present = {role: [name for name in columns if table.find_column(name)] for role, columns in by_role.items()}
    taken = [
        name for role, columns in present.items() for name in columns if task.output_type == "text" or role != "text"
    ]
    head = _read_head(table)
    found = {key: present[role] for key, role in asked.items() if present[role]}
    if len(by_role["label"]) > 1:  # each of them is a label: none can be left out
        key = setting_of(task, by_role["label"][0], "label")
        similar = _similar_columns(by_role["label"], table)
        asked = {other: role for other, role in asked.items() if other != key}
        found = {other: columns for other, columns in found.items() if other != key} | (
            {key: similar} if similar else {}
        )
    wanted: Mapping[Role, str] = {role: names[key][0] for key, role in asked.items() if key not in found}
    guesses = guess_columns(table.names, head, list(wanted), wanted, taken)
    found |= {key: [guesses[role]] for key, role in asked.items() if role in guesses}
    lists = [name for name, dtype in table.unread.items() if dtype == "list"]
    if task.targets == "multi-label" and len(lists) == 1:  # one column of lists has the labels
        found |= {key: lists for key, role in asked.items() if role == "label" and key not in found}
    return {**found, **_guess_fields(task, names, head, {*taken, *guesses.values()})}


def _guess_fields(task: Task, names: ColumnNames, head: pl.DataFrame, taken: Collection[str]) -> dict[str, list[str]]:
    """The columns of each group of a task of fields whose texts are missing, by setting; {} if no column has texts."""
    if task.output_type != "fields" or "task.text" not in names:
        return {}
    groups = guess_fields(head, taken)
    return {f"task.{group}": columns for group, columns in groups.items()} if "text" in groups else {}


def _similar_columns(names: Sequence[str], table: Table) -> list[str]:
    """The columns of these names, of a missing one the most similar of the others; [] if there is not one for each."""
    others = [column for column in table.names if column not in names]
    found = [name if table.find_column(name) else _closest(name, others) for name in names]
    return found if all(found) and len(set(found)) == len(found) else []


def _closest(name: str, columns: Sequence[str]) -> str:
    """The column whose name is most similar; "" if none is."""
    found = suggest(name, columns)
    return found.match if found else ""
