"""Checks of what a reader makes of a file: every value, row, byte and line end as it is."""

from __future__ import annotations

from collections.abc import Collection

from zoo_core.errors import ZooError
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.readers.files import LINE_ENDS, NUMBER_COLUMNS, NUMBERS, TABLES, VALUES, ends_of, tables_of
from zoo_core.testing.readers.known_files import difference_of, examples_of, known_formats, read, reader_of

CUT = "cut in half"
LAST = ", in the last column"
OF_VALUES = [name for one in VALUES for name in (one, one + LAST)]
OF_LINE_ENDS = [name for one in LINE_ENDS for name in (one, one + LAST)]
OF_ROWS = [name for name in TABLES.makers if name not in (*OF_VALUES, *OF_LINE_ENDS)]
NOT_UTF8 = "caf\u00e9 x".encode("latin-1")


def _require_tables(subject: Subject, names: Collection[str]) -> None:
    """Fail if a table of these names is not read as it was written."""
    for known in known_formats(subject):
        for description, columns in tables_of(known.format, names):
            where = f"{known.format.name}, {description}"
            try:
                frame = read(known.reader, known.format.write(columns, "\n"))
            except Exception as error:
                raise AssertionError(f"{where}: it raises {type(error).__name__}: {error}") from error
            difference = difference_of(frame, columns)
            assert not difference, f"{where}: {difference}"


@register_check("reader", "values must be read unchanged: NA is a word, 007 keeps its zeros, an empty field is empty")
def keeps_values_unchanged(subject: Subject) -> None:
    _require_tables(subject, OF_VALUES)
    for known in known_formats(subject):
        if known.format.name in NUMBERS:
            difference = difference_of(read(known.reader, NUMBERS[known.format.name]), NUMBER_COLUMNS)
            assert not difference, f"{known.format.name}, numbers: {difference}"


@register_check("reader", "line ends inside a quoted value belong to it")
def keeps_line_endings(subject: Subject) -> None:
    _require_tables(subject, OF_LINE_ENDS)


@register_check("reader", "every row of a file must be read, in order, also repeated and empty ones")
def keeps_every_row(subject: Subject) -> None:
    _require_tables(subject, OF_ROWS)


@register_check("reader", "files end with or without a newline, and lines with or without a carriage return")
def reads_any_line_ending(subject: Subject) -> None:
    for known in known_formats(subject):
        for name in ("12 rows", "empty fields in a row", "quotes", "lone carriage returns"):
            for description, columns in tables_of(known.format, [name]):
                for ends, data in ends_of(known.format, columns):
                    difference = difference_of(read(known.reader, data), columns)
                    assert not difference, f"{known.format.name}, {description}, {ends}: {difference}"


@register_check("reader", "a byte that is not UTF-8 must not vanish: raise an error, or read it as a character")
def loses_no_byte(subject: Subject) -> None:
    if reader_of(subject).binary:
        skip("it reads bytes, not text")
    for known in known_formats(subject):
        columns = known.format.holds({"text": ["MARK", "tea"], "label": ["1", "2"]})
        try:
            frame = read(known.reader, known.format.write(columns, "\n").replace(b"MARK", NOT_UTF8))
        except Exception:  # readers get UTF-8 only, so that any error will do
            continue
        value = str(frame.to_series(0)[0])
        assert value not in ("caf x", "caf") and "\ufffd" not in value, f"{NOT_UTF8!r} is read as {value!r}"


@register_check("reader", "the example shows what the reader makes of a file in its format")
def reads_its_example(subject: Subject) -> None:
    reader = reader_of(subject)
    for description, data, columns in examples_of(subject):
        assert reader.sniff(data[: 1 << 16]), f"sniff() does not recognize {description}"
        resolved = reader.resolve(data[: 1 << 16])[0]
        for _ in range(2):
            difference = difference_of(read(resolved, data), columns)
            assert not difference, f"{description}: {difference}"


@register_check("reader", "a file may be cut short or damaged: that is a DataError, not an error of the reader")
def rejects_damaged_files(subject: Subject) -> None:
    reader = reader_of(subject)
    for description, data, columns in examples_of(subject):
        rows = len(next(iter(columns.values()), []))
        for what, part in _damaged(data, is_binary=reader.binary).items():
            try:
                frame = read(reader, part)
            except ZooError:
                continue
            except Exception as error:
                found = f"it raises {type(error).__name__}, expected DataError: {error}"
                raise AssertionError(f"{description}, {what}: {found}") from error
            nulls = frame.null_count().sum_horizontal().sum() if frame.width else 0
            assert not nulls, f"{description}, {what}: it gives a table with nulls"
            is_shorter = reader.binary and what == CUT and frame.height < rows
            assert not is_shorter, f"{description}, {what}: it gives {frame.height} of {rows} rows, and no DataError"


def _damaged(data: bytes, *, is_binary: bool) -> dict[str, bytes]:
    """A file cut short, a text between two characters, and a binary one with other bytes inside."""
    half = len(data) // 2
    if not is_binary:
        text = data.decode()
        return {CUT: text[: len(text) // 2].encode(), "without its last character": text[:-1].encode()}
    flipped = data[:half] + bytes(byte ^ 0x55 for byte in data[half : half + 16]) + data[half + 16 :]
    return {CUT: data[:half], "without its last byte": data[:-1], "with 16 other bytes": flipped}
