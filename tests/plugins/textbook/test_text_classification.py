"""The task text-classification: several text columns, renamed labels, and AG News files."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError, RecipeError
from zoo_core.recipes.recipe import load_recipe
from zoo_textbook.tasks.columns import Columns
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_yelp.tasks import Yelp

CELL = st.text("ab \n,", max_size=4)
NEWS = '"3","Wall St.","Up \\$5, ""again"""\n"1","Vote","A\\b"\n'


def table(**columns):
    return Table(pl.DataFrame(columns), "file.csv")


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5), st.sampled_from([" ", "", "\n", " . "]))
def test_joins_columns_to_one_text(rows, joiner):
    columns = dict(zip("abc", map(list, zip(*rows, strict=True)), strict=True))
    task = TextClassification(text=("c", "a"), joiner=joiner)
    table_read = table(**columns, label=["x"] * len(rows))
    expected = [joiner.join((c, a)) for a, _, c in rows]
    assert task.read(table_read).texts.to_list() == task.texts(table_read).to_list() == expected
    assert TextClassification(text=("b",)).texts(table_read).to_list() == columns["b"]


def test_reports_a_missing_column():
    with pytest.raises(DataError, match=r'missing column "body": .*set task.text'):
        TextClassification(text=("title", "body")).texts(table(title=["x"], label=["y"]))
    assert TextClassification(text=("title", "body")).texts(table(any=["x"])).to_list() == ["x"]  # the only one


def test_renames_labels():
    task = TextClassification(names=("1=World", " 2 = Sci/Tech=new "))
    found = task.read(table(text=list("abcde"), label=["1", " 2", "", "World", "Sci/Tech=new"]))
    assert found.labels.to_list() == ["World", "Sci/Tech=new", "World", "Sci/Tech=new"]
    assert found.dropped == {"no label": 1}


def test_a_label_without_a_name_has_its_line(registry, tmp_path):
    path = tmp_path / "news.csv"
    path.write_text('text,label\n"a\nb",1\nc,5\n')
    with pytest.raises(DataError) as error:
        TextClassification(names=("1=World", "2=Sports")).read(read_table(path, registry))
    assert str(error.value) == f'{path}:4: label "5" in column "label" has no class name (hint: name it, as 1, 2 are)'


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('task.names=["World"]', 'names: must be as in "1=World", not "World"'),
        ('task.names=["1="]', "names: must be as in"),
        ('task.names=["1=a", "1=b"]', "names: contains a name twice"),
        ('task.probabilities=["p"]', "a column for each of two or more classes"),
        ('task.probabilities=["p", "p"]', "probabilities: contains a name twice"),
        ("task.text=[]", "must not be empty"),
    ],
)
def test_rejects_invalid_settings(zoo, setting, message):
    with pytest.raises(RecipeError, match="--set") as error:
        load_recipe("text-mlp", zoo=zoo).override(setting).plan()
    assert message in str(error.value)


def test_reads_published_ag_news_files(registry, tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(NEWS)
    table_read = read_table(path, registry)
    assert table_read.frame.columns == ["label", "title", "description"]
    task = load_recipe("agnews").plan().task
    found = task.read(table_read)
    assert found.texts.to_list() == ['Wall St. Up  $5, "again"', "Vote A b"]
    assert found.labels.to_list() == ["Business", "World"]
    assert table_read.location(1) == f"{path}:2"


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        ('"1","a ""b"""\n"2","c"\n', ["rating", "review"]),
        ('"2","t","d"\n', ["label", "title", "description"]),
    ],
)
def test_distinguishes_news_from_reviews(registry, tmp_path, data, columns):
    path = tmp_path / "train.csv"
    path.write_text(data)
    assert read_table(path, registry).frame.columns == columns


def test_columns_that_a_task_reads():
    """The members of the contract: settings of these names, unless a task overrides them."""
    table = Table(pl.DataFrame({"stars": ["1"], "text": ["good"], "rating": ["2"], "a": ["1"]}), "file.csv")
    tasks = [TextClassification(text=("a", "text"), split="part"), Yelp(), Columns(), Columns(columns=("a",))]
    read = [(task.text_columns(table), task.label_column(table), task.split_column(table)) for task in tasks]
    assert read == [
        (("a", "text"), "label", "part"),
        (("text",), "rating", "split"),
        (("stars", "text", "rating", "a"), "label", "split"),
        (("a",), "label", "split"),
    ]
