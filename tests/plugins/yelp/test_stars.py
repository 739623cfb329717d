"""Stars as polarity or as five classes, and the textbook's subset of each class."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError
from zoo_core.training.pipeline import prepare
from zoo_yelp.tasks import Yelp

STARS = st.lists(st.sampled_from(["1", "2", "3", "4", "5", "1.0", " 4.00 ", "3."]), min_size=1, max_size=20)


def table(stars, **more):
    return Table(pl.DataFrame({"stars": stars, "text": [f"t{i}" for i in range(len(stars))], **more}), "file.csv")


@given(STARS.filter(lambda stars: any(float(one) != 3 for one in stars)))
def test_polarity_of_stars(stars):
    examples = Yelp().read(table(stars))
    feelings = {1: "negative", 2: "negative", 4: "positive", 5: "positive"}
    expected = [(f"t{i}", feelings[int(float(one))]) for i, one in enumerate(stars) if float(one) != 3]
    assert list(zip(examples.texts, examples.labels, strict=True)) == expected
    assert examples.dropped == ({} if len(expected) == len(stars) else {"3 stars": len(stars) - len(expected)})


@given(STARS)
def test_five_classes_keep_every_row(stars):
    examples = Yelp(classes="stars").read(table(stars))
    assert examples.labels.to_list() == [str(int(float(one))) for one in stars]
    assert len(examples.texts) == len(stars) and examples.dropped == {}


@pytest.mark.parametrize("classes", ["auto", "polarity", "stars"])
@pytest.mark.parametrize("wrong", ["6", "4.5", "", "0", "five", "-1", "1e0", "11", ".0"])
def test_reports_the_line_of_invalid_stars(registry, tmp_path, classes, wrong):
    path = tmp_path / "stars.csv"
    path.write_text(f'stars,text\n5,"two\nlines"\n\n{wrong},cold\n1,bad\n')
    with pytest.raises(DataError) as error:
        Yelp(classes=classes).read(read_table(path, registry))
    assert str(error.value).startswith(f'{path}:5: invalid number of stars in column "stars": got "{wrong}"')
    assert error.value.exit_code == 3


def test_reads_the_columns_of_the_open_dataset():
    both = table(["5", "1"], rating=["x", "y"], review=["p", "q"])
    examples = Yelp().read(both)  # the book's are there
    assert (examples.labels.to_list(), examples.texts.to_list()) == (["x", "y"], ["p", "q"])
    examples = Yelp(label="stars").read(both)  # named, and so taken as they are
    assert (examples.labels.to_list(), examples.texts.to_list()) == (["5", "1"], ["p", "q"])
    assert Yelp(label="stars", classes="polarity").read(both).labels.to_list() == ["positive", "negative"]
    assert Yelp().texts(table(["5"])).to_list() == ["t0"]
    with pytest.raises(DataError, match='missing column "rating"'):
        Yelp().read(Table(pl.DataFrame({"star": ["1"], "text": ["x"]}), "file.csv"))


def test_rejects_words_as_stars():
    words = Table(pl.DataFrame({"rating": ["negative"], "review": ["x"]}), "file.csv")
    assert Yelp().read(words).labels.to_list() == ["negative"]
    with pytest.raises(DataError, match='invalid number of stars in column "rating": got "negative"'):
        Yelp(classes="stars").read(words)


ROWS = ["1"] * 40 + ["2"] * 20 + ["5"] * 100 + ["3"] * 10


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.99])
def test_a_subset_is_a_share_of_each_class(share):
    examples = Yelp(subset=share).read(table(ROWS))
    counts = Counter(examples.labels.to_list())
    assert counts["negative"] == pytest.approx(60 * share, abs=1)
    assert counts["positive"] == pytest.approx(100 * share, abs=1)
    assert examples.texts.to_list() == [f"t{row}" for row in examples.row_numbers]
    assert examples.dropped == {"3 stars": 10, "not in the subset": 160 - len(examples.texts)}


def test_subset_depends_on_its_seed_and_keeps_the_order():
    def drawn(seed):
        return Yelp(subset=0.3, subset_seed=seed).read(table(ROWS)).texts.to_list()

    assert drawn(1) == drawn(1) != drawn(2)
    assert drawn(1) == sorted(drawn(1), key=lambda text: int(text[1:]))
    assert Yelp(subset=1.0).read(table(ROWS)).dropped == {"3 stars": 10}


def test_a_subset_is_the_same_share_of_each_split():
    splits = (["train"] * 6 + ["val"] * 2 + ["test"] * 2) * 17
    examples = Yelp(subset=0.5, classes="stars").read(table(ROWS, split=splits))
    counts = Counter(zip(examples.labels.to_list(), examples.splits.to_list(), strict=True))
    assert counts["5", "train"] == 30 and counts["5", "val"] == counts["5", "test"] == 10


def test_three_stars_only():
    examples = Yelp().read(table(["3", "3"]))
    assert (examples.texts.to_list(), examples.dropped) == ([], {"3 stars": 2})


def test_report_counts_used_and_dropped_rows(small, tmp_path):
    path = tmp_path / "stars.csv"
    path.write_text("stars,text\n" + "".join(f"{i % 5 + 1},word {i}\n" for i in range(200)))
    report = prepare(small("task.subset=0.5"), path).report
    assert report["dropped"] == {"3 stars": 40, "not in the subset": 80}
    assert report["read"] == sum(report["rows"].values()) + sum(report["dropped"].values()) == 200


@pytest.mark.parametrize("rows", [1, 4, 100, 1000])
def test_a_sample_with_stars(rows):
    task = Yelp(classes="stars", text="body", label="stars")
    frame = task.sample_data(rows=rows, seed=3)
    assert frame.columns == ["stars", "body", "split"] and frame.height == rows
    assert frame.equals(task.sample_data(rows=rows, seed=3)) and not frame.equals(task.sample_data(rows=rows, seed=4))
    counts = Counter(frame["stars"].to_list())
    assert max(counts.values()) - min(counts.values()) <= 1
    if rows == 1000:
        by_split = Counter(zip(frame["stars"].to_list(), frame["split"].to_list(), strict=True))
        assert {by_split[star, "train"] for star in "12345"} == {140}
        assert task.read(Table(frame, "sample")).labels.n_unique() == 5


def test_sample_of_polarity_contains_three_stars():
    task = Yelp(classes="polarity")
    assert task.read(Table(task.sample_data(rows=100, seed=3), "sample")).dropped == {"3 stars": 20}
