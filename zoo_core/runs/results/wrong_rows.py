"""The rows that a run gets wrong: the most frequent confusion first, and within it the most confident prediction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import polars as pl
from attrs import frozen

from zoo_core.components.head import Head
from zoo_core.data.files.line_numbers import line_numbers
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import class_values
from zoo_core.evaluation.explanation import Explanation
from zoo_core.evaluation.word_pieces import Contribution
from zoo_core.runs.predictions import ScoredSplit

Explain = Callable[[str, str], Explanation]  # of a text and a label
MAX_EXPLAINED = 1000  # rows: more explanations take minutes
TELLING_WORDS = 3


@frozen
class WrongRow:
    """A row that is predicted wrongly: its number and line in the file (from 1; 0 is unknown), and what it is.

    `value` is the probability of the predicted label, or its score; `words` contribute most to it. With several labels
    a text, they are of the most probable wrong answer: that the text has a label, or that it lacks one.
    """

    row: int
    line: int
    text: str
    true: str
    predicted: str
    value: float
    words: tuple[Contribution, ...] = ()


def find_wrong_rows(
    head: Head,
    scored: ScoredSplit,
    explain: Explain,
    limit: int | None = None,
    show: Callable[[str], str] = lambda text: text,
) -> list[WrongRow]:
    """The wrong rows of a scored split, at most `limit` of them: the most confident ones of all.

    The order is that of the confusions, the most frequent first, and within each by falling confidence. The first
    thousand get their most telling words. `show` gives a text as people read it.
    """
    if scored.rows is None:
        raise RecipeError("wrong rows need the texts of the split")
    values = class_values(head, scored.scores).double()
    predicted, targets, form = head.predict(scored.scores), scored.targets, head.form
    wrong = (~form.is_correct(predicted, targets)).nonzero().squeeze(1).tolist()
    explained, confidences = form.wrong_answers(predicted, targets, values)
    is_missed = form.memberships(targets, len(head.classes)).gather(1, explained.unsqueeze(1)).squeeze(1)
    confidence = {row: float(confidences[row]) for row in wrong}
    pairs = {row: tuple(tuple(one[row].reshape(-1).tolist()) for one in (targets, predicted)) for row in wrong}
    counts = Counter(pairs.values())
    shown = sorted(wrong, key=lambda row: (-confidence[row], row))[:limit]
    shown.sort(key=lambda row: (-counts[pairs[row]], pairs[row], -confidence[row], row))
    numbers = scored.rows.numbers_of(shown)
    lines = line_numbers(scored.rows.table, numbers)
    texts = scored.rows.texts.gather(shown).to_list()
    found: list[WrongRow] = []
    for row, number, text in zip(shown, numbers, texts, strict=True):
        true, label = (form.describe(one[row], head.classes) for one in (targets, predicted))
        wrong_label = head.classes[int(explained[row])]
        is_explained = len(found) < MAX_EXPLAINED
        words = telling_words(explain(text, wrong_label), lower=bool(is_missed[row])) if is_explained else ()
        found.append(WrongRow(number, lines.get(number, 0), show(text), true, label, confidence[row], words))
    return found


def telling_words(
    explanation: Explanation, count: int = TELLING_WORDS, *, lower: bool = False
) -> tuple[Contribution, ...]:
    """The words that raise the score of the explained class most, or with `lower` lower it most."""
    sign = -1 if lower else 1
    return tuple(word for word in explanation.contributions if sign * word.value > 0)[:count]


def wrong_rows_frame(rows: Sequence[WrongRow], *, are_scores: bool = False) -> pl.DataFrame:
    """The rows as a table: row, line (if all are known), true, predicted, p (or score), text, words."""
    columns = {
        "row": pl.Series([row.row for row in rows], dtype=pl.Int64),
        "line": pl.Series([row.line for row in rows], dtype=pl.Int64),
        "true": pl.Series([row.true for row in rows], dtype=pl.String),
        "predicted": pl.Series([row.predicted for row in rows], dtype=pl.String),
        "score" if are_scores else "p": pl.Series([row.value for row in rows], dtype=pl.Float64),
        "text": pl.Series([row.text for row in rows], dtype=pl.String),
        "words": pl.Series([", ".join(word.token for word in row.words) for row in rows], dtype=pl.String),
    }
    if not all(row.line for row in rows):
        del columns["line"]
    return pl.DataFrame(columns)
