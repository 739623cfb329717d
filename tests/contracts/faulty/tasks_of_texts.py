"""Faulty tasks: texts that training and prediction see differently, lost rows, and labels that are changed."""

from __future__ import annotations

import polars as pl
from attrs import evolve

from tests.contracts.faulty import faulty
from tests.contracts.faulty.tasks import plain, reads
from zoo_core.components.examples import Examples
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_yelp.tasks import Yelp


def read_texts(change, base=TextClassification):
    """`read` gives other texts, by an expression of "text" and "label"."""

    def read(task, table, found):
        frame = pl.DataFrame({"text": found.texts, "label": found.labels})
        return evolve(found, texts=frame.select(change(pl.col("text"), pl.col("label")).alias("text")).to_series())

    return reads(read, base)


def gives(change, base=TextClassification, **members):
    """`texts` gives `change(task, table, correct texts)`."""
    return faulty(base, texts=lambda self, table: change(self, table, base.texts(self, table)), **members)


def both(change, base=TextClassification):
    """`read` and `texts` change a series of texts alike."""
    return faulty(
        base,
        texts=lambda self, table: change(base.texts(self, table)),
        read=lambda self, table: evolve(found := base.read(self, table), texts=change(found.texts)),
    )


def with_label(task, table):
    texts = TextClassification.texts(task, table)
    if "label" not in table.frame.columns:
        return texts
    return pl.select(pl.concat_str(texts, table.frame["label"], separator=" ")).to_series().alias("text")


LABEL_IN_BOTH = faulty(
    TextClassification,
    texts=with_label,
    read=lambda self, table: evolve(TextClassification.read(self, table), texts=with_label(self, table)),
)
TEXT_AND_LABEL = pl.DataFrame({"text": pl.Series(dtype=pl.String), "label": pl.Series(dtype=pl.String)})


def of_test_split(task, table, texts):
    return texts.filter(table.frame["split"] == "test") if "split" in table.frame.columns else texts


def renames(self, table):
    table.frame.columns = [name.lower().strip() for name in table.frame.columns]
    table.frame.replace_column(0, table.frame.to_series(0).str.strip_chars())
    return TextClassification.read(self, table)


def above_average(task, table, found):
    lengths = found.texts.str.len_chars()
    return evolve(
        found,
        labels=pl.select(
            pl.when(lengths > (lengths.mean() or 0)).then(pl.lit("long")).otherwise(pl.lit("short"))
        ).to_series(),
    )


def distinct(task, table, found):
    is_first = (
        pl.DataFrame({"t": found.texts, "l": found.labels}).select(pl.struct("t", "l").is_first_distinct()).to_series()
    )
    return found.drop(~is_first, "a repeated row")


def rare_words(texts):
    """Drop the words of most texts, if there are many texts."""
    if len(texts) < 100:
        return texts
    counts = texts.str.split(" ").list.unique().explode().value_counts()
    common = set(counts.filter(pl.col("count") > len(texts) / 2)[texts.name].to_list())
    return pl.Series(texts.name, [" ".join(word for word in text.split(" ") if word not in common) for text in texts])


def by_place(texts):
    texts = texts.clone()
    return texts.scatter(range(0, len(texts), 100), "")


def in_place(texts):
    return texts.scatter(texts.str.len_chars().eq(0).arg_true(), "empty")


def latin(texts):
    return pl.Series(texts.name, [text.encode("latin-1").decode("latin-1") for text in texts], dtype=pl.String)


def soft(frame, labels=("bad", "good")):
    """A task of probabilities, with an example."""

    def read(self, table):
        values = pl.DataFrame(table.columns(("bad", "good"), setting="task.label")).cast(pl.Float32)
        return Examples(
            table.frame["text"], pl.Series([labels[a < b] for a, b in values.iter_rows()]), probabilities=frame(values)
        )

    return faulty(
        TextClassification,
        read=read,
        has_soft_targets=lambda self: True,
        used_columns=lambda self, columns: ("text", "bad", "good"),
        example=lambda self: pl.DataFrame(
            {
                "text": [f"text {row}" for row in range(12)],
                "bad": ["0.25", "0.9", "0.5"] * 4,
                "good": ["0.75", "0.1", "0.5"] * 4,
            }
        ),
    )


SLOW = True
SOUND = [soft(lambda values: values), both(lambda texts: texts.str.to_uppercase())]
FAULTS = [
    (
        "reads-the-texts-it-predicts",
        "the label is in the text",
        read_texts(lambda t, y: pl.concat_str(t, y, separator=" ")),
    ),
    ("reads-the-texts-it-predicts", "the label is in the text if the file has one", LABEL_IN_BOTH),
    ("reads-the-texts-it-predicts", "lower case in read alone", read_texts(lambda t, y: t.str.to_lowercase())),
    ("reads-the-texts-it-predicts", "stripped in read alone", read_texts(lambda t, y: t.str.strip_chars())),
    ("reads-the-texts-it-predicts", "composed in read alone", read_texts(lambda t, y: t.str.normalize("NFKC"))),
    (
        "reads-the-texts-it-predicts",
        "newlines become spaces in read alone",
        read_texts(lambda t, y: t.str.replace_all("\n", " ")),
    ),
    ("reads-the-texts-it-predicts", "long texts are cut in read alone", read_texts(lambda t, y: t.str.slice(0, 4000))),
    (
        "reads-the-texts-it-predicts",
        "texts of one class are changed",
        read_texts(lambda t, y: pl.when(y == y.min()).then(t + " !").otherwise(t)),
    ),
    ("reads-the-texts-it-predicts", "the first column", gives(lambda task, table, t: table.frame.to_series(0))),
    (
        "reads-the-texts-it-predicts",
        "the last column of texts",
        gives(lambda task, table, t: table.frame.select(pl.all().exclude("label", "split")).to_series(-1)),
    ),
    ("texts-of-every-row", "the texts of the test split", gives(of_test_split)),
    ("texts-of-every-row", "drops empty texts", gives(lambda task, table, t: t.filter(t != ""))),
    ("texts-of-every-row", "sorted", gives(lambda task, table, t: t.sort())),
    ("texts-of-every-row", "repeated texts once", gives(lambda task, table, t: t.unique(maintain_order=True))),
    (
        "texts-of-every-row",
        "an empty text takes the one before",
        gives(lambda task, table, t: t.replace("", None).forward_fill().fill_null("")),
    ),
    ("texts-of-every-row", "one row is special", both(lambda t: t if len(t) > 1 else t.str.to_uppercase())),
    ("does-not-modify-input", "renames and strips columns", faulty(TextClassification, read=renames)),
    ("does-not-modify-input", "normalizes in place", plain(in_place)),
    ("chunks-equal-whole-table", "labels by the average", reads(above_average)),
    ("chunks-equal-whole-table", "drops repeated rows", reads(distinct)),
    (
        "chunks-equal-whole-table",
        "labels by the largest class",
        reads(
            lambda t, _, f: evolve(
                f, labels=f.labels.replace({f.labels.mode().sort()[0]: "most"}) if len(f.labels) else f.labels
            )
        ),
    ),
    (
        "keeps-labels-distinct",
        "lower-case labels",
        reads(lambda t, _, f: evolve(f, labels=f.labels.str.to_lowercase())),
    ),
    (
        "keeps-labels-distinct",
        "labels as whole numbers",
        reads(
            lambda t, _, f: evolve(f, labels=f.labels.cast(pl.Int64, strict=False).cast(pl.String).fill_null(f.labels))
        ),
    ),
    (
        "keeps-labels-distinct",
        "the first word of a label",
        reads(lambda t, _, f: evolve(f, labels=f.labels.str.split(" ").list.first())),
    ),
    ("reads-the-whole-text", "cut at 5,000 characters", both(lambda t: t.str.slice(0, 5000))),
    ("reads-the-whole-text", "the first line", both(lambda t: t.str.split("\n").list.first())),
    ("reads-the-whole-text", "normalize cuts at 10,000", plain(lambda t: t.str.slice(0, 10_000))),
    ("normalizes-rows-independently", "drops the words of most texts", plain(rare_words)),
    ("normalizes-rows-independently", "blanks every hundredth text", plain(by_place)),
    ("normalizes-rows-independently", "fails for an emoji", plain(latin)),
    ("probabilities-sum-to-one", "scores instead of probabilities", soft(lambda values: values * 10)),
    ("probabilities-sum-to-one", "each class by itself", soft(lambda values: values.select(pl.all().round()))),
    ("probabilities-sum-to-one", "labels in another order", soft(lambda values: values, ("good", "bad"))),
    ("probabilities-sum-to-one", "64 bits", soft(lambda values: values.cast(pl.Float64))),
    (
        "row-numbers-are-correct",
        "no numbers of the rows that are left",
        reads(lambda t, _, f: evolve(f, row_numbers=None)),
    ),
    (
        "row-numbers-are-correct",
        "numbers from 1",
        reads(lambda t, _, f: evolve(f, row_numbers=None if f.row_numbers is None else f.row_numbers + 1)),
    ),
    (
        "reads-every-row",
        "fails for one row",
        reads(lambda t, _, f: evolve(f, labels=f.labels.head(len(f.labels) if f.labels[1] else 0))),
    ),
    (
        "ignores-other-columns",
        "the column that is called id",
        faulty(
            Yelp,
            text_columns=lambda self, table: ("review",),
            texts=lambda self, table: table.frame["id"] if "id" in table.frame.columns else Yelp.texts(self, table),
        ),
    ),
]
