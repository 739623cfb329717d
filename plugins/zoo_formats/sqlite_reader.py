"""Reader of SQLite databases: a table, a view or a SELECT."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.files.size_limits import MAX_FIELD_CHARS

if TYPE_CHECKING:
    import polars as pl

FILE_START = b"SQLite format 3\0"


@frozen
class SQLite(Reader):
    """A table, a view or the rows of a SELECT of an SQLite database, as in `--data FILE::TABLE`.

    The database is read from memory: nothing is written, attached or loaded. Null is the empty text.

    Source: the SQLite database file format, sqlite.org."""

    name = "sqlite"
    suffixes = (".db", ".sqlite", ".sqlite3")
    binary = True
    part_setting = "table"
    table: str = setting("", "a table or view, or a SELECT; the only table if empty")
    longest: int = setting(MAX_FIELD_CHARS, "maximum number of characters in a value", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return head.startswith(FILE_START)

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        return self.read_columns(stream, lambda columns: columns)[0]

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        from zoo_formats.sqlite_tables import read_database

        return read_database(stream.read(), self.table, choose, longest=self.longest)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        import sqlite3
        from contextlib import closing

        texts = ["good food", "", " two\nlines ☕", "good food"]
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("CREATE TABLE reviews (text TEXT, stars INTEGER)")
            database.executemany("INSERT INTO reviews VALUES (?, ?)", zip(texts, (1, None, 5, 1), strict=True))
            database.commit()
            return ((database.serialize(), {"text": texts, "stars": ["1", "", "5", "1"]}),)
