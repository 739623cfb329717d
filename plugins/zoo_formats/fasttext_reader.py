"""Reader of fastText's labeled lines, `__label__x the text`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.files.size_limits import MAX_FIELD_CHARS

if TYPE_CHECKING:
    import polars as pl

LABEL_PREFIX = "__label__"
CHUNK_BYTES = 1 << 22
WHITESPACE = r"\s\x1c-\x1f"  # in a regular expression's set: the characters that `str.isspace` accepts


@frozen
class FastText(Reader):
    """fastText's lines, `__label__x the text`: the columns `label` and `text`, one label per line.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; fastText's `supervised` command."""

    name = "fasttext"
    suffixes = (".ft", ".fasttext")
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, "maximum number of characters in a text", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return head.startswith(LABEL_PREFIX.encode())

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        return parse_labeled_lines(stream, longest=self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        return 0, data.rfind(b"\n") + 1

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        line_numbers = (number for number, line in enumerate(stream, start=1) if line.decode("utf-8").strip())
        return next((number for index, number in enumerate(line_numbers) if index == row), 0)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        lines = "__label__good good food", "", "__label__bad", "__label__ü ☕ a\u2028b", "__label__good good food"
        columns = {"text": ["good food", "", "☕ a\u2028b", "good food"], "label": ["good", "bad", "ü", "good"]}
        return (("\n".join(lines) + "\n").encode(), columns), ("\r\n".join(lines).encode(), columns)


def parse_labeled_lines(stream: BinaryIO, *, longest: int, chunk_bytes: int = CHUNK_BYTES) -> pl.DataFrame:
    """Parse labeled lines into the columns `text` and `label`, about `chunk_bytes` at a time.

    Raises:
        DataError: with the line number of the first line without exactly one label, or with a text over `longest`.
    """
    import polars as pl

    chunks, lines_before = [pl.DataFrame(schema={"text": pl.String, "label": pl.String})], 0
    while lines := stream.readlines(chunk_bytes):
        chunks.append(_parse_chunk(lines, lines_before, longest))
        lines_before += len(lines)
    return pl.concat(chunks)


def _parse_chunk(lines: list[bytes], lines_before: int, longest: int) -> pl.DataFrame:
    import polars as pl

    line, (label, text) = pl.col("line"), (pl.col("fields").struct[index] for index in (0, 1))
    rows = (
        _number_lines(lines, lines_before)
        .lazy()
        .with_columns(line.str.strip_chars("\r"))
        .filter(line.str.contains(f"[^{WHITESPACE}]"))
        .with_columns(line.str.strip_chars(" \t").str.splitn(" ", 2).alias("fields"))
        .select("number", text=text.fill_null(""), label=label)
        .collect()
    )
    label, text = pl.col("label"), pl.col("text")
    has_no_label = ~label.str.starts_with(LABEL_PREFIX) | (label == LABEL_PREFIX)
    has_two_labels = text.str.contains(f"^[{WHITESPACE}]*{LABEL_PREFIX}")
    invalid = rows.filter(has_no_label | has_two_labels | (text.str.len_chars() > longest))
    if len(invalid):
        _raise_for_line(*invalid.row(0), longest=longest)
    return rows.select(text, label.str.strip_prefix(LABEL_PREFIX))


def _raise_for_line(number: int, text: str, label: str, *, longest: int) -> None:
    """Raise the DataError of an invalid line."""
    from zoo_core.data.files.size_limits import check_length
    from zoo_core.errors import DataError

    if not label.startswith(LABEL_PREFIX) or label == LABEL_PREFIX:
        raise DataError(f"missing label: the line must start with {LABEL_PREFIX} and a label", where=str(number))
    if text.lstrip().startswith(LABEL_PREFIX):
        raise DataError("more than one label on a line", where=str(number), hint="keep one label per line")
    check_length("text", text, number, longest)


def _number_lines(lines: list[bytes], lines_before: int) -> pl.DataFrame:
    """Return the columns `number`, from `lines_before` + 1, and `line`."""
    import polars as pl

    return pl.read_csv(
        b"".join([b"\n", *lines]),  # without the leading empty line, polars would drop a byte-order mark
        has_header=False,
        separator="\0",  # text files cannot contain it
        quote_char=None,
        schema={"line": pl.String},
        empty_string_is_null=False,
        row_index_name="number",
        row_index_offset=lines_before,
    )
