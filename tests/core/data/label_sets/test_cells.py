"""Label sets in the cells of a table."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.label_sets.cells import _read_cell, find_separator, labels_of_sets, read_label_sets
from zoo_core.errors import DataError


def table(**columns: list[str]) -> Table:
    return Table(pl.DataFrame(columns), "data", line_of_row=lambda row: row + 2)


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("a|b", ["a", "b"]),
        (" b | a||b ", ["a", "b"]),
        ("", []),
        ("  ", []),
        ("[]", []),
        ('["x, y", "a"]', ["a", "x, y"]),
        ("['b', \"it's\"]", ["b", "it's"]),
        ("['b' 'a']", ["a", "b"]),
        ("[3, 12]", ["12", "3"]),
        (r"a\|b|c", ["a|b", "c"]),
        ("[draft]", ["draft"]),
    ],
)
def test_a_cell_is_a_sorted_set(cell: str, labels: list[str]) -> None:
    assert read_label_sets(table(label=[cell]), "label", "|").to_list() == [labels]


@pytest.mark.parametrize("separator", ["|", ", ", "ab", "", "|*"])
@given(st.lists(st.text(st.sampled_from('ab|,*[]"\\ \u00a0\x1f\t'), max_size=9), max_size=12))
def test_cells_together_are_those_cells_one_by_one(separator: str, cells: list[str]) -> None:
    column = pl.Series("label", cells, dtype=pl.String).str.strip_chars()
    column = column.filter(~column.str.starts_with("["))  # which may be invalid lists
    together = read_label_sets(Table(column.to_frame(), "data"), "label", separator)
    assert together.to_list() == [sorted(set(_read_cell(cell, separator, str))) for cell in column]


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["a;b", "c"], ";"), (["a, b", "c; d"], ";"), (["a,b"], ","), (["a b"], ""), (['["a;b"]', "c,d"], ",")],
)
def test_the_separator_is_found(cells: list[str], separator: str) -> None:
    assert find_separator(pl.Series(cells)) == separator


def test_without_a_separator_a_cell_is_one_label() -> None:
    assert read_label_sets(table(label=["Food, drinks", ""]), "label", "").to_list() == [["Food, drinks"], []]


def test_columns_of_0_and_1() -> None:
    sets = read_label_sets(table(b=["1", "TRUE", "0"], a=["0", "1.0", " false"]), ("b", "a"))
    assert sets.to_list() == [["b"], ["a", "b"], []]
    assert sets.dtype == pl.List(pl.String)


@pytest.mark.parametrize(
    ("value", "found"), [("-1", 'got "-1"'), ("", "got an empty value"), ("0.7", 'got "0.7"'), ("yes", 'got "yes"')]
)
def test_another_value_than_0_and_1_is_rejected(value: str, found: str) -> None:
    with pytest.raises(DataError) as error:
        read_label_sets(table(a=["1", value], b=["0", "0"]), ("a", "b"))
    assert f'data:3: {found} in column "a", expected 0 or 1' in str(error.value)


def test_a_list_that_is_cut_is_rejected() -> None:
    with pytest.raises(DataError, match=r'data:3: invalid list of labels: "\[\\"a\\", \\"b"'):
        read_label_sets(table(label=["a", '["a", "b']), "label")


@pytest.mark.parametrize("cell", ["[1, 2.50, true]", '["a", null]', "[null]", '[["a"]]', '[{"a": 1}]', r'["\ud800"]'])
def test_a_list_of_other_values_is_rejected(cell: str) -> None:
    with pytest.raises(DataError, match=r"data:3: invalid list of labels: .* \(hint: as in"):
        read_label_sets(table(label=["a", cell]), "label")
    assert labels_of_sets(["a", "b", "a|b", cell]) == []


def test_a_column_called_as_all_columns() -> None:
    frame = table(**{"*": ["1", "0"], "a": ["0", "1"]})
    assert read_label_sets(frame, ("*", "a")).to_list() == [["*"], ["a"]]


def test_labels_of_a_missing_column_are_all_named() -> None:
    with pytest.raises(DataError, match='missing columns "b" and "c"'):
        read_label_sets(table(a=["1"]), ("a", "b", "c"))
