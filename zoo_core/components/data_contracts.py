"""The contracts of what turns a file into texts and labels, readers and tasks, and the settings of reading.

Nothing here imports torch or polars, so that listing components is fast."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

import attrs
from attrs import frozen

from zoo_core.components.component import Component, InputType, TargetType
from zoo_core.components.fields import setting
from zoo_core.components.validators import text_encoding
from zoo_core.features.field_groups import FieldGroup

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table


DETECTED = "auto"
UTF8 = "utf-8"


@frozen
class ReaderSettings:
    """How files are read: the reader, by name or detected, and its settings; `encoding` is for every text format."""

    use: str = setting(DETECTED, "the name of a reader; auto: detected by the name and the first bytes of a file")
    encoding: str = setting(
        UTF8, "encoding of text files; utf-8 also reads UTF-16 with a byte-order mark", text_encoding
    )
    settings: tuple[tuple[str, Any], ...] = attrs.field(default=(), metadata={"open": True})  # of the reader, by name

    @property
    def is_detected(self) -> bool:
        """Whether the reader is not named."""
        return self.use == DETECTED

    def of_reader(self) -> dict[str, Any]:
        """The settings that are of the reader itself, by name."""
        return dict(self.settings)


class Reader(Component):
    """A file format → a table of strings.

    Every method is called on the CPU, in the process that reads the file and in one of its threads at a time.

    Attributes:
        suffixes: Suffixes of its files, as in `(".csv",)`: a file is first offered to the readers with its suffix.
        binary: `True` if it gets the bytes of a file unchanged, `False` for UTF-8 text without a byte-order mark.
        exclusive: `True` if what it recognizes has no other format, whatever the suffix.
        fallback: `True` if it recognizes any text, so that it is tried last.
        part_setting: The setting, a string, that PART is in `--data FILE::PART`; `""` if files have no parts.
        general: `True` if another reader that recognizes a file without a suffix of this one is preferred.
    """

    required_methods = ("sniff", "read")
    suffixes: ClassVar[tuple[str, ...]]
    binary: ClassVar[bool] = False
    exclusive: ClassVar[bool] = False
    fallback: ClassVar[bool] = False
    part_setting: ClassVar[str] = ""
    general: ClassVar[bool] = False

    def sniff(self, head: bytes) -> bool:
        """Whether a file with this head (at most 64 KiB, without a byte-order mark) has this format.

        Called once for each file whose reader is not named, before anything is read: be fast, and do not raise."""
        raise NotImplementedError

    def resolve(self, head: bytes) -> tuple[Reader, str]:
        """This reader with what it finds in the head of a file, and a note for people, "" if there is nothing to say.

        Called once for a file, before `read`, so that all of its chunks are read in the same way. DataError if the head
        can be read in several ways."""
        return self, ""

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        """Every column as strings without nulls; DataError with a line number as `where` for invalid data.

        Called once for a file, or once for each of its chunks with `complete_rows`."""
        raise NotImplementedError

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        """Byte offsets in the start of a file, `(heading, end)`, with which it is read in chunks; `(0, 0)` if unknown.

        Every chunk is read behind the heading (a header, the first record), whose own rows are dropped again; `end`
        is the end of the last complete row. A reader that defines it must define `line_of_row`. Called once for each
        chunk of a file that is larger than one."""
        return 0, 0

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        """The line (from 1) on which a row (from 0) of `read` starts; 0 if unknown.

        Called for messages only, with the data that `read` got."""
        return 0

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        """Small files in this format, each with the columns that `read` makes of it with these settings.

        Called by the checks of `zoo plugins check` alone: they write CSV and JSON Lines themselves, and no other
        format. `read` must give these columns exactly. Include empty, repeated and non-ASCII values."""
        return ()


class Task(Component):
    """The meaning of the columns of a table, and the normalization of texts.

    Every method is called on the CPU: `normalize` in several threads at once, the others in the thread that reads the
    data. A large file is read in chunks if `reads_rows_independently`, each a table of its own.

    Attributes:
        has_sample: `True` if `sample_data` makes example data, on which a recipe trains without `--data`.
        output_type: What a text contains: `"text"` for words, `"numbers"` for `name=value` pairs joined by `"; "`,
            `"fields"` for columns of texts, categories and numbers, as `write_fields` joins them.
        targets: `"single-label"` if each text has exactly one label, `"multi-label"` if it has any number of them.
    """

    required_methods = ("read", "texts", "normalize")
    has_sample: ClassVar[bool] = False
    output_type: ClassVar[InputType] = "text"
    targets: ClassVar[TargetType] = "single-label"

    def has_soft_targets(self) -> bool:
        """Whether it reads a probability for each class instead of a label, with these settings.

        Called when a recipe is checked, before data is read."""
        return False

    def read(self, table: Table) -> Examples:
        """The texts, labels and splits of a table; of multi-label targets the set of labels of each text.

        Called once for a file, or for each of its chunks, when data is prepared or evaluated."""
        raise NotImplementedError

    def reads_rows_independently(self) -> bool:
        """Whether each row is read independently of the others: then a file is read and tokenized in chunks.

        Called once before a file is read."""
        return False

    def used_columns(self, columns: list[str]) -> Collection[str]:
        """The columns that `read` and `texts` use, of those of a file: the others are not read. All by default.

        Called once for each file, before its rows are read."""
        return columns

    def list_columns(self) -> Collection[str]:
        """The columns whose values may be lists, as of JSON: a cell is then a JSON array of texts. None by default.

        Called once for each file, before its rows are read."""
        return ()

    def texts(self, table: Table) -> pl.Series:
        """The texts for a prediction: every row of the table, in order, as `read` gives them.

        Called once for each chunk of what is predicted; the table may lack the columns of labels and splits."""
        raise NotImplementedError

    def text_columns(self, table: Table) -> tuple[str, ...]:
        """The names of the columns of texts: the setting `text`, unless overridden; () if there are none.

        Called, as `label_column` and `split_column` are, for messages and for data in memory without names."""
        text = getattr(self, "text", ())
        return (text,) if isinstance(text, str) else text if isinstance(text, tuple) else ()

    def fields(self) -> Mapping[str, FieldGroup]:
        """The columns of the output type "fields", by name, each with its group; none of another type.

        Called when a recipe is checked, before data is read. A trained run keeps them."""
        return {}

    def label_column(self, table: Table) -> str:
        """The name of the column of labels: the setting `label`, unless overridden; "" if there is not exactly one.

        Called as `text_columns` is, and before `read` if the setting `drop_labels` names labels."""
        label = getattr(self, "label", "")
        return label if isinstance(label, str) else ""

    def label_columns(self, table: Table) -> tuple[str, ...]:
        """The names of the columns of labels: several of them in the setting `label`, or the `label_column`.

        Called as `text_columns` is."""
        label = getattr(self, "label", "")
        return label if isinstance(label, tuple) else tuple(filter(None, (self.label_column(table),)))

    def split_column(self, table: Table) -> str:
        """The name of the column of splits: the setting `split`, unless overridden; "" if there is none.

        Called as `text_columns` is."""
        return str(getattr(self, "split", ""))

    def normalize(self, texts: pl.Series) -> pl.Series:
        """The normalized texts, each by itself.

        Called for chunks of texts, in several threads at once, before `Vectorizer.tokenize`."""
        raise NotImplementedError

    def show(self, text: str) -> str:
        """A text for people, in lists of rows: unchanged by default.

        Called for each text that is listed."""
        return text

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        """Synthetic example data, if `has_sample`; the same rows for the same seed.

        Called once for a training without data, and by `zoo data sample`."""
        raise NotImplementedError

    def example(self) -> pl.DataFrame | None:
        """A small table of strings that it reads with these settings, 12 rows or more of two or more classes.

        Called by the checks of `zoo plugins check` alone, which use it before the sample; None if the table is made
        from the columns that the settings `text` and `label` name."""
        return None
