"""How serious each finding of an audit is, what follows from it, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from zoo_core.data.findings import Finding, Severity

LARGE_SHARE = 0.1  # of the rows: as many leaked or contradictory ones make a result worthless


@frozen
class Rule:
    """The severity of a check, what follows from it, what to do, and the share of rows from which it is an error.

    A share above 1 is never reached.
    """

    severity: Severity
    consequence: str
    hint: str
    error_share: float = 2.0


SPLIT_AGAIN = "zoo data split draws new splits; --group keeps equal values of a column in one"
REMOVE = "remove repeated rows if they are not separate observations"
COPIES = "a random split tests some texts on their copies in train, and repeated ones weigh more"
LEAK = "on these texts the test measures memory, so that figures are better than on new texts"
NO_WORDS = "a text without words gets the prediction of an empty text, whatever it was"
NOT_USED = "these rows are neither trained on nor tested on"
RULES = {
    "byte-order-mark": Rule("note", "it is skipped, and nothing is lost", "nothing is to be done for textzoo"),
    "column-name": Rule(
        "note", "options need the exact name, with its blanks", "rename the column if it must be typed"
    ),
    "empty-text": Rule("warning", NO_WORDS, "remove these rows, or name another column with --text"),
    "blank-text": Rule("warning", NO_WORDS, "another normalization keeps more, or remove these rows"),
    "garbled-text": Rule(
        "warning",
        "a garbled word is another word than the one it was, so that training sees both less often",
        "save the file anew from its source, or name its encoding with --encoding",
    ),
    "control-character": Rule(
        "note", "they can divide a word or hide in it", "remove them if they are not part of the texts"
    ),
    "long-text": Rule(
        "note",
        "one label for a whole document says little of each sentence; a quote that is not closed swallows lines, too",
        "look at the row, and divide documents into paragraphs if those are what will be classified",
    ),
    "no-spaces": Rule(
        "note", "a sentence without spaces is one long word, which other texts do not have", "count characters"
    ),
    "several-scripts": Rule(
        "note",
        "words of one language tell nothing about another: each needs rows of every class",
        "measure each language alone: zoo evaluate RUN --data FILE, with a file of its rows",
    ),
    "missing-number": Rule(
        "note",
        "the mean of the column stands for it, or what the vectorizer is set to",
        "give them a feature of their own with a setting of the vectorizer, or find the numbers",
    ),
    "many-categories": Rule(
        "warning",
        "each value is a feature of few rows, as an identifier has them, and says little of new rows",
        "leave the column out, or name it as a column of texts",
    ),
    "unused-column": Rule(
        "note", "training does not see it", "name it in a setting of the task if it says something of the label"
    ),
    "constant-column": Rule("note", "a column of one value says nothing", "leave the column out"),
    "no-label": Rule(
        "note", NOT_USED, "add labels (zoo data next RUN FILE ranks these rows), or name another column with --label"
    ),
    "no-labels": Rule(
        "note",
        "they are rows like others: a model learns from them that no label fits",
        "remove them if nobody has labeled them yet",
    ),
    "constant-label": Rule("note", "a label of every row says nothing", "leave the label out"),
    "inseparable-labels": Rule(
        "note", "they are predicted and measured as one label is", "merge them, or find rows that have only one of them"
    ),
    "dropped-label": Rule("note", NOT_USED, "the settings drop_labels and min_rows of the task say so"),
    "merged-class": Rule(
        "note", "they are predicted and measured as one class", "the settings min_rows and rare of the task say so"
    ),
    "unusable-label": Rule("warning", "it becomes a class of its own, which is predicted", "drop these rows"),
    "one-class": Rule(
        "error",
        "there is nothing to tell apart, and training rejects the file",
        "add rows of another class, or name another column with --label",
    ),
    "one-row-class": Rule("warning", "a single row can be trained on or tested on, not both", "add rows"),
    "rare-class": Rule("warning", "such a class is hardly learned", "label more rows of them"),
    "uneven-classes": Rule("note", "accuracy says little of the small classes", "look at each class with --by-class"),
    "many-classes": Rule(
        "note",
        "few rows for each class make most mistakes, and a column of texts or numbers is not a column of labels",
        "check the column of labels",
    ),
    "small-test": Rule("note", "differences of a few points are chance", "measure on every row by folds"),
    "sets-of-labels": Rule(
        "note",
        "with one label for a text, each combination is a class of its own",
        'a recipe for several labels learns each by itself: see "zoo list recipe"',
    ),
    "columns-of-labels": Rule(
        "note",
        "if each says whether a text has a label, texts have several labels, and the other columns are not read",
        'a recipe for several labels learns each by itself: see "zoo list recipe"',
    ),
    "similar-labels": Rule(
        "warning",
        "each spelling is a class of its own, and they take rows from each other",
        "write each class in one way",
    ),
    "unseen-label": Rule(
        "error", "a class without a row in train cannot be predicted: training rejects the file", "add rows to train"
    ),
    "duplicate": Rule("note", COPIES, REMOVE),
    "same-normalized": Rule("note", COPIES, REMOVE),
    "near-duplicate": Rule("note", COPIES, "keep them in one split: name a column of groups with --group"),
    "several-labels": Rule(
        "warning",
        "equal texts get one prediction, which is wrong for some of them",
        "correct the labels, or remove these rows",
        LARGE_SHARE,
    ),
    "in-several-splits": Rule("warning", LEAK, SPLIT_AGAIN, LARGE_SHARE),
    "in-several-splits-normalized": Rule("warning", LEAK, SPLIT_AGAIN, LARGE_SHARE),
    "in-several-splits-near": Rule("warning", LEAK, SPLIT_AGAIN),
}


def make_finding(
    check: str,
    message: str,
    count: int = 1,
    rows: Sequence[int] = (),
    related_rows: Sequence[int] = (),
    *,
    of: int = 0,
    consequence: str = "",
    hint: str = "",
) -> Finding:
    """A finding with the severity and the advice of its check, or other advice; `of` are the rows `count` is of."""
    rule = RULES[check]
    severity = "error" if of and count >= rule.error_share * of else rule.severity
    return Finding(
        check, message, severity, hint or rule.hint, count, rows, related_rows, consequence or rule.consequence
    )
