"""Delimiters: found from the header and the first rows, refused if several fit, and told where a file needs one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.delimited.advice import advise_reading
from zoo_core.data.delimited.delimiters import FORBIDDEN, OneCharacter, find_delimiter, to_character
from zoo_core.errors import DataError


def found(text, **options):
    fit = find_delimiter(text.encode(), **options)
    return fit and fit.delimiter


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("text,label\ngood,1\n", ","),
        ("text;label\ngood, very good;1\n", ";"),
        ("text;price\ngood;1,5\n", ";"),
        ("text\tlabel\na, b; c\t1\n", "\t"),
        ("text|label\na, b|1\n", "|"),
        ("text, or so;label\na;1\nb;2\n", ";"),
        ('"text; more",label\n"a;b",1\n', ","),
        ('"text";"label"\n"a ""b"", c";"1"\n', ";"),
        ('text;label\n"two\nlines, a";1\n', ";"),
        ("text\n", None),
        ("text\na, b\nc; d\n", None),
        ("", None),
        ("\n\n", None),
        ("a,b\n1,2\n1,2,3\n4,5\n", ","),
        ("a;b;c\n1;2;3\n1,5;2;3", ";"),
        ("text;label\ngood;1\ncut of", ";"),
        ('text;label\n"good;1\ncut of', ";"),
        ("sep=|\ntext,a|label\nb|1\n", "|"),
        ('"sep=;"\r\ntext;label\r\nb;1\r\n', ";"),
        ("text;label\rgood, so;1\rbad;0\r", ";"),
    ],
)
def test_the_delimiter_that_divides_every_row_alike(text, delimiter):
    assert found(text) == delimiter


def test_quotes_have_no_meaning_without_quoting():
    assert found('say "a;b\t1\n"c\t0\nd"\t1\n', quoting=False) == "\t"


@pytest.mark.parametrize("text", ["a;b,c\n", "a;b,c\n1;2,3\n", "a;b,c\n1;2,3\n4;5,6\nx;y,z"])
def test_two_delimiters_that_fit_are_refused_with_the_options_that_decide(text):
    with pytest.raises(
        DataError, match=r'commas or by semicolons.*set reader.delimiter to ",", or set reader.delimiter to ";"'
    ):
        find_delimiter(text.encode())


@given(
    st.sampled_from(",;\t|"),
    st.lists(st.lists(st.text("ab c", min_size=1), min_size=2, max_size=2), min_size=2, max_size=5),
)
def test_a_plain_table_has_the_delimiter_that_it_was_written_with(delimiter, rows):
    assert found("".join(f"{delimiter.join(row)}\n" for row in rows)) == delimiter


@pytest.mark.parametrize("value", ["auto", ",", "tab", "TAB", r"\t", "\t", "semicolon", "~", "x"])
def test_a_delimiter_is_one_character_or_its_name(value):
    OneCharacter()(None, None, value)
    assert value == "auto" or len(to_character(value)) == 1


@pytest.mark.parametrize("value", ["", ";;", "§", "tabs", *FORBIDDEN])
def test_no_other_delimiter_is_accepted(value):
    with pytest.raises(ValueError, match="must be one character, tab, or auto"):
        OneCharacter()(None, None, value)
    with pytest.raises(ValueError, match="must be tab"):
        OneCharacter(only="\t")(None, None, ";")


DELIMITER, TABS = {"reader.delimiter": ";"}, {"reader.delimiter": "tab"}
NO_HEADER = {"reader.header": "false"}


@pytest.mark.parametrize(
    ("rows", "wanted", "changes"),
    [
        (["A very, very good film.\t1", "Bad.\t0"], ["label"], TABS | NO_HEADER),
        (["text;label", "a, b;1"], ["label"], DELIMITER),
        (["good food", "bad food, really"], ["label"], {}),
    ],
)
def test_advice_for_lines_without_the_columns(rows, wanted, changes):
    advice = advise_reading(pl.DataFrame({"text": rows}), wanted, is_lines=True)
    assert (dict(advice.change) if advice else {}) == changes


@pytest.mark.parametrize(
    ("columns", "rows", "wanted", "changes"),
    [
        (["text;label"], [["a;b"]], ["text", "label"], DELIMITER),
        (["0", "never again"], [["1", "good food"]], ["text", "label"], NO_HEADER),
        (["review", "stars"], [["good", "1"]], ["1", "2"], NO_HEADER),
        (["a", "b", "one two three four five six seven"], [["x", "y", "1 2 3 4 5 6 7"]], ["text"], NO_HEADER),
        (["No.", "text 2", "sold?"], [["1", "good food", "yes"], ["2", "cold", "no"]], ["text"], {}),
        (["How content are you with our food?", "on"], [["very", "1"], ["not", "2"]], ["text"], {}),
        (["pos", "good food"], [["neg", "bad"], ["pos", "fine"], ["pos", "ok"], ["neg", "no"]], ["text"], NO_HEADER),
        (["review", "stars"], [["review", "stars"], ["good", "1"], ["bad", "1"], ["ok", "1"]], ["text"], {}),
        (["review", "stars"], [["good", "1"]], ["text", "label"], {}),
        (["0", "1"], [["good", "1"]], ["text", "label"], {}),
        (["", "0", "1"], [["7", "good", "1"]], ["text", "label"], {}),
        (["review", "stars"], [], ["text", "label"], {}),
    ],
)
def test_advice_for_a_table_without_the_columns(columns, rows, wanted, changes):
    advice = advise_reading(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row"), wanted)
    assert (dict(advice.change) if advice else {}) == changes
