"""Reader of fastText's labeled lines, `__label__x the text`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
LABELS = f"(?:{LABEL_PREFIX}[^{WHITESPACE}]+(?:[{WHITESPACE}]+|$))*"  # at the start of a line


@frozen
class FastText(Reader):
    """fastText's lines, `__label__x the text`: the columns `label` and `text`.

    A line begins with its labels: exactly one, or any number for a task whose labels may be lists.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; fastText's `supervised` command."""

    name = "fasttext"
    suffixes = (".ft", ".fasttext")
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, "maximum number of characters in a text", at_least_one)

    def sniff(self, head: bytes) -> bool:
        lines = [line for line in head.splitlines() if line.strip()]
        labeled = sum(line.startswith(LABEL_PREFIX.encode()) for line in lines)
        return 0 < len(lines) <= 2 * labeled  # a line may have no label

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        return parse_labeled_lines(stream, longest=self.longest)

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        from zoo_core.data.files.column_choice import may_have_lists

        return parse_labeled_lines(stream, longest=self.longest, has_lists=may_have_lists(choose, "label")), {}

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        return 0, data.rfind(b"\n") + 1

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        line_numbers = (number for number, line in enumerate(stream, start=1) if line.decode("utf-8").strip())
        return next((number for index, number in enumerate(line_numbers) if index == row), 0)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        lines = "__label__good good food", "", "__label__bad", "__label__ü ☕ a\u2028b", "__label__good good food"
        columns = {"text": ["good food", "", "☕ a\u2028b", "good food"], "label": ["good", "bad", "ü", "good"]}
        return (("\n".join(lines) + "\n").encode(), columns), ("\r\n".join(lines).encode(), columns)


def parse_labeled_lines(
    stream: BinaryIO, *, longest: int, has_lists: bool = False, chunk_bytes: int = CHUNK_BYTES
) -> pl.DataFrame:
    """Parse labeled lines into the columns `text` and `label`, about `chunk_bytes` at a time.

    With `has_lists`, a label is a JSON array of the labels of a line, which may have none.

    Raises:
        DataError: with the line number of the first line without exactly one label, unless there may be several, or
            with a text over `longest`.
    """
    import polars as pl

    chunks, lines_before = [pl.DataFrame(schema={"text": pl.String, "label": pl.String})], 0
    while lines := stream.readlines(chunk_bytes):
        chunks.append(_parse_chunk(lines, lines_before, longest, has_lists))
        lines_before += len(lines)
    return pl.concat(chunks)


def _parse_chunk(lines: list[bytes], lines_before: int, longest: int, has_lists: bool) -> pl.DataFrame:
    import polars as pl

    from zoo_core.data.files.columnar_child import to_texts

    line = pl.col("line")
    rows = (
        _number_lines(lines, lines_before)
        .with_columns(line.str.strip_chars("\r"))
        .filter(line.str.contains(f"[^{WHITESPACE}]"))
        .with_columns(line.str.strip_chars(" \t"))
    )
    rows = _split_label_sets(rows) if has_lists else _split_labels(rows)
    label, text = pl.col("label"), pl.col("text")
    has_no_label = ~label.str.starts_with(LABEL_PREFIX) | (label == LABEL_PREFIX) if not has_lists else pl.lit(False)
    has_another = text.str.contains(f"^[{WHITESPACE}]*{LABEL_PREFIX}")
    invalid = rows.filter(has_no_label | has_another | (text.str.len_chars() > longest))
    if len(invalid):
        number, found, first = invalid.select("number", "text", "label").row(0)
        _raise_for_line(number, found, first, longest=longest)
    if has_lists:
        return rows.select(text, to_texts(rows["label"]))
    return rows.select(text, label.str.strip_prefix(LABEL_PREFIX))


def _split_labels(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns `number`, `label`, the first word, and `text`, the rest."""
    import polars as pl

    first, rest = (pl.col("line").str.splitn(" ", 2).struct[index] for index in (0, 1))
    return rows.lazy().select("number", label=first, text=rest.fill_null("")).collect()


def _split_label_sets(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns `number`, `label`, the list of labels that a line begins with, and `text`, the rest."""
    import polars as pl

    labels = pl.col("line").str.extract(f"^({LABELS})", 1)
    names = labels.str.extract_all(f"{LABEL_PREFIX}[^{WHITESPACE}]+")
    return rows.select(
        "number",
        label=names.list.eval(pl.element().str.strip_prefix(LABEL_PREFIX)),
        text=pl.col("line").str.replace(f"^{LABELS}", ""),
    )


def _raise_for_line(number: int, text: str, label: str | list[str], *, longest: int) -> None:
    """Raise the DataError of an invalid line."""
    from zoo_core.data.files.size_limits import check_length
    from zoo_core.errors import DataError

    has_lists = not isinstance(label, str)
    if isinstance(label, str) and (not label.startswith(LABEL_PREFIX) or label == LABEL_PREFIX):
        raise DataError(f"missing label: the line must start with {LABEL_PREFIX} and a label", where=str(number))
    if text.lstrip().startswith(LABEL_PREFIX):
        message = f"missing name of a label after {LABEL_PREFIX}" if has_lists else "more than one label on a line"
        hint = "" if has_lists else "keep one label per line, or train a recipe for several labels"
        raise DataError(message, where=str(number), hint=hint)
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
