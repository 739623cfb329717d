"""Rows of an SQLite database in memory, read under an authorizer and limits on rows, memory and time."""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any

import polars as pl

from zoo_core.data.files.parts import PartError
from zoo_core.data.files.size_limits import (
    MAX_MIB,
    MAX_ROWS,
    MAX_SECONDS,
    check_columns,
    check_length,
    max_unpacked_bytes,
)
from zoo_core.errors import DataError

QUERY_START = re.compile(r"\s*(SELECT|WITH|VALUES)\b", re.IGNORECASE)
WRITE_VERSIONS = slice(18, 20)  # bytes of the header: 2 is a write-ahead log, which a database in memory cannot have
BATCH_ROWS = 65536
BATCH_BYTES = 16 << 20  # of values in a batch, and at most one row more
STEPS = 1000  # of the virtual machine between two looks at the clock: each may compute a long text
MIN_VALUES, MAX_COLUMNS = 32, 2000  # values in memory together: at least so many; and columns, in SQLite
MAX_ARGUMENTS, MAX_NESTING = 16, 100  # of functions and expressions, whose values are in memory together
SECOND_BYTES = 4 << 20  # of a database that are read in a second on the slowest machine
ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
DENIED_FUNCTIONS = ("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit")
TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_' ORDER BY 1"
SIZED = (str, bytes)
OTHER = "\0"  # a column that no table has: a choice of all columns has it
Columns = tuple[pl.DataFrame, dict[str, str]]


def read_database(data: bytes, table: str, choose: Callable[[list[str]], Collection[str]], *, longest: int) -> Columns:
    """The chosen columns of a table or of a SELECT as strings; the only table if `table` is empty.

    Raises PartError if the table is unknown, or none is named and there are several; DataError for a damaged database,
    a statement that is not a SELECT, and for what exceeds a limit.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database, _explained():
        database.deserialize(data[: WRITE_VERSIONS.start] + b"\1\1" + data[WRITE_VERSIONS.stop :])
        _restrict(database, len(data), longest)
        tables = [name for (name,) in database.execute(TABLES)]
        if table and QUERY_START.match(table) and table not in tables:
            return _read_rows(_execute(database, table, len(data)), choose, longest, len(data))
        name = _find_table(table, tables)
        quoted = name.replace('"', '""')
        return _read_rows(_execute(database, f'SELECT * FROM "{quoted}"', len(data)), choose, longest, len(data))


def _find_table(table: str, tables: list[str]) -> str:
    if not tables:
        raise PartError("the database has no tables", (), "table")
    if not table and len(tables) > 1:
        raise PartError(f"the database has {len(tables)} tables", tables, "table")
    if table and table not in tables:
        raise PartError(f'unknown table "{table}"', tables, "table")
    return table or tables[0]


def _restrict(database: sqlite3.Connection, num_bytes: int, longest: int) -> None:
    """Allow nothing but reading, for a limited time and of values of limited size, whatever the schema or a query says.

    A value that the file holds is not longer than the file.
    """
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        database.execute(f"PRAGMA {pragma}")
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_FUNCTION_ARG, MAX_ARGUMENTS)
    database.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, MAX_NESTING)
    largest = min(max(num_bytes, longest), max_unpacked_bytes(num_bytes) // MIN_VALUES)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, largest)

    def authorize(action: int, first: str | None, second: str | None, *_others: str | None) -> int:
        is_denied = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in DENIED_FUNCTIONS
        return sqlite3.SQLITE_OK if action in ALLOWED and not is_denied else sqlite3.SQLITE_DENY

    database.set_authorizer(authorize)
    end = time.monotonic() + MAX_SECONDS.value() + num_bytes // SECOND_BYTES
    database.set_progress_handler(lambda: time.monotonic() > end, STEPS)


def _execute(database: sqlite3.Connection, query: str, num_bytes: int) -> sqlite3.Cursor:
    """Run a query; the more columns it has, the smaller each value must be, so that a row is of limited size."""
    query, columns = query.strip().rstrip(";"), MAX_COLUMNS
    with suppress(sqlite3.Error):  # which the query itself raises, too
        columns = len(database.execute(f"SELECT * FROM ({query}\n) LIMIT 0").description)
    largest = database.getlimit(sqlite3.SQLITE_LIMIT_LENGTH)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(largest, max_unpacked_bytes(num_bytes) // columns))
    return database.execute(query)


@contextmanager
def _explained() -> Iterator[None]:
    """Errors of SQLite as errors of the data."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if "interrupted" in text:
            hint = MAX_SECONDS.hint(10 * MAX_SECONDS.value())
            raise DataError(f"reading takes longer than {MAX_SECONDS.value()} s", hint=hint) from None
        if any(word in text for word in ("not authorized", "prohibited", "one statement", "readonly")):
            raise DataError(f"only a SELECT is allowed: {text}", hint="name a table, or one SELECT") from None
        if "too big" in text:
            hint = f"leave it out by a SELECT; {MAX_MIB.hint(4 * MAX_MIB.value())}"
            raise DataError(f"a value is too big: {text}", hint=hint) from None
        kind = "cannot read the database" if isinstance(error, sqlite3.OperationalError) else "damaged SQLite database"
        raise DataError(f"{kind}: {text}") from None


def _read_rows(
    cursor: sqlite3.Cursor, choose: Callable[[list[str]], Collection[str]], longest: int, num_bytes: int
) -> Columns:
    """The chosen columns of all rows."""
    if cursor.description is None:
        raise DataError("only a SELECT is allowed", hint="name a table, or one SELECT")
    names = [column[0] for column in cursor.description]
    check_columns(len(names))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f'the column "{twice[0]}" is there twice', hint="rename it in the SELECT with AS")
    chosen = set(choose(names))
    columns = {name: place for place, name in enumerate(names) if name in chosen}
    may_leave_out = OTHER in choose([*names, OTHER])
    unread = dict.fromkeys((name for name in names if name not in chosen), "")
    frames = [pl.DataFrame(schema=dict.fromkeys(columns, pl.String))]
    rows, size, max_bytes = 0, 0, max_unpacked_bytes(num_bytes)
    for batch in _batches(cursor):
        for name, place in list(columns.items()) if may_leave_out else ():
            if any(isinstance(row[place], bytes) for row in batch):
                unread[name] = "blob"
                del columns[name]
        frames.append(_to_frame(batch, columns, rows, longest))
        rows += len(batch)
        size += sum(int(column.str.len_bytes().sum()) for column in frames[-1])
        if rows > MAX_ROWS.value():
            raise DataError(f"more than {MAX_ROWS.value():,} rows", hint=MAX_ROWS.hint(10 * MAX_ROWS.value()))
        if size > max_bytes:
            raise DataError(f"the rows take more than {max_bytes >> 20} MiB", hint=MAX_MIB.hint(2 * max_bytes >> 20))
    return pl.concat([frame[list(columns)] for frame in frames], rechunk=False), unread


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    """Consecutive rows, limited in number and in memory: a view computes rows that the file does not hold."""
    batch: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, SIZED))
        if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _to_frame(batch: list[tuple[Any, ...]], columns: Mapping[str, int], rows: int, longest: int) -> pl.DataFrame:
    """The columns of consecutive rows; `rows` have been read before."""
    texts = {
        name: [_to_text(row[place], name, number, longest) for number, row in enumerate(batch, start=rows + 1)]
        for name, place in columns.items()
    }
    return pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String))


def _to_text(value: Any, name: str, row: int, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        raise DataError(f'row {row}, column "{name}": got bytes, expected text')
    text = repr(value) if isinstance(value, float) else str(value)
    check_length(name, text, row, longest)
    return text
