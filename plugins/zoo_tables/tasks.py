"""Task: classify the rows of a table by texts, categories and numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Literal

from attrs import evolve, frozen

from zoo_core import LabeledTask, Problem, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table
    from zoo_core.features.field_groups import FieldGroup
    from zoo_tables.columns import Columns

Names = str | tuple[str, ...]


def _as_tuple(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


@frozen
class TableClassification(LabeledTask):
    """Rows of a table, classified by columns of texts, categories and numbers.

    A text of this task is a JSON object with a value for each column: `{"review": "Fast!", "price": 3}`. A prediction
    needs all columns. A number is missing if its cell is empty, NA, N/A, NaN, null or none, in any case; other cells
    that are not finite numbers are errors. Commas are not read, neither as decimal marks nor between thousands.

    Source: Rao & McMahan, section 1.1 (supervised learning); the kinds of columns are scikit-learn's
    (`ColumnTransformer`)."""

    name = "table"
    has_sample = True
    output_type = "fields"
    text: Names = setting(("text",), "columns of texts")
    categories: Names = setting((), "columns of categories: each value is one feature")
    numbers: Names = setting((), "columns of numbers")
    label: str = setting("label", "column of labels", not_empty)
    split: str = setting("split", "column of splits, used if the file has it", not_empty)
    normalization: Literal["book", "unicode", "none"] = setting("unicode", "normalization of the texts")

    def check(self) -> Iterator[Problem]:
        groups = self._groups()
        if not any(groups.values()):
            yield Problem("text, categories and numbers are all [], which leaves no columns", setting="text")
        seen: dict[str, str] = {}
        for group, names in groups.items():
            for name in names:
                if not name:
                    yield Problem("must not have an empty name", setting=group)
                elif name in seen:
                    message = f'has the column "{name}" twice' if seen[name] == group else ""
                    yield Problem(message or f'has the column "{name}", as {seen[name]} has', setting=group)
                elif name == self.label:
                    yield Problem(f'has the column of labels "{name}"', hint="set label", setting=group)
                seen.setdefault(name, group)

    def _groups(self) -> dict[FieldGroup, tuple[str, ...]]:
        groups: dict[FieldGroup, Names] = {"text": self.text, "categories": self.categories, "numbers": self.numbers}
        return {group: _as_tuple(names) for group, names in groups.items()}

    def fields(self) -> dict[str, FieldGroup]:
        return {name: group for group, names in self._groups().items() for name in names}

    def _columns(self) -> Columns:
        from zoo_tables.columns import Columns

        return Columns(*self._groups().values())

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns

        texts, missing = self._columns().read_objects(table)
        splits = columns.read_splits(table, self.split, "split")
        examples = columns.make_examples(texts, columns.read_labels(table, self.label), splits)
        return evolve(examples, missing=missing)

    def used_columns(self, columns: list[str]) -> Collection[str]:
        return *self.fields(), self.label, self.split

    def reads_rows_independently(self) -> bool:
        return True

    def texts(self, table: Table) -> pl.Series:
        return self._columns().read_objects(table)[0]

    def normalize(self, texts: pl.Series) -> pl.Series:
        from zoo_core.features.normalization import normalize
        from zoo_tables.objects import normalize_objects

        return normalize_objects(texts, self._columns(), lambda column: normalize(column, self.normalization))

    def show(self, text: str) -> str:
        from zoo_tables.objects import show_object

        return show_object(text)

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        from zoo_tables.sample import make_offers

        return make_offers(rows, seed)
