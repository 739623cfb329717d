"""Checks of augmenters: a text for each row, of the same row, anew for each seed, and not empty."""

from __future__ import annotations

import polars as pl

from zoo_core.testing.augmenters.inputs import INPUTS, augmenter_of, own_words
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.truncation import is_explained

SEEDS = (1, 2, 3)
LONG = 5000  # words of a long text
END = 500  # of which the last ones
EPOCHS = 10  # in which they must be seen
SLACK = 8  # characters that may be missing at a limit


@register_check("augmenter", "each row needs a text beside its label")
def one_text_for_each_row(subject: Subject) -> None:
    augmenter = augmenter_of(subject)
    for description, texts in INPUTS:
        for seed in SEEDS:
            found, where = augmenter.augment(texts, seed=seed), f"for {description}"
            is_column = isinstance(found, pl.Series) and found.dtype == pl.String
            dtype = found.dtype if isinstance(found, pl.Series) else type(found).__name__
            assert is_column, f"{where} augment() gives {dtype}, expected a series of strings"
            assert len(found) == len(texts), f"{where} it gives {len(found)} texts for {len(texts)} rows"
            assert not found.null_count(), f"{where} it gives null for row {found.is_null().arg_true()[0]}"


@register_check("augmenter", "a row without words teaches that its label needs none")
def no_text_is_emptied(subject: Subject) -> None:
    augmenter = augmenter_of(subject)
    if augmenter.may_empty_texts:
        skip("it declares may_empty_texts")
    for description, texts in INPUTS:
        for seed in SEEDS:
            found = augmenter.augment(texts, seed=seed).str.strip_chars()
            if len(found) != len(texts):
                skip("it does not give one text for each row: see one-text-for-each-row")
            emptied = ((found == "") & (texts.str.strip_chars() != "")).arg_true()
            row = emptied[0] if len(emptied) else 0
            assert not len(emptied), (
                f'for {description} nothing is left of "{texts[row][:60]}": declare may_empty_texts'
            )


@register_check("augmenter", "the text of a row must stay beside the label of the row")
def rows_stay_in_place(subject: Subject) -> None:
    texts = own_words()
    for seed in SEEDS:
        found = augmenter_of(subject).augment(texts, seed=seed)
        for row, text in enumerate(found.to_list()):
            owners = {word.partition("w")[0] for word in text.split() if word.startswith("r")}
            is_own = not owners or f"r{row}" in owners
            assert is_own, f"row {row} has the words of row {min(owners or [''])[1:]}, whose label may be another"


@register_check("augmenter", "the end of a long text must be trained on, too, unless a setting says where it is cut")
def reads_the_whole_text(subject: Subject) -> None:
    texts = own_words(1, LONG)
    words = texts[0].split(" ")
    found = [text for seed in range(EPOCHS) for text in augmenter_of(subject).augment(texts, seed=seed).to_list()]
    seen = {word for text in found for word in text.split(" ")}
    at_end = len(seen.intersection(words[-END:]))
    is_seen = at_end >= len(seen.intersection(words)) * END / LONG / 10  # a tenth of what any place has on average
    longest = max(found, key=len)
    limits = [len(longest.split(" ")), len(longest)]
    assert is_seen or is_explained(subject.component, [(limit, limit + SLACK) for limit in limits]), (
        f"of a text of {LONG:,} words, {at_end} of the last {END} are in the texts of {EPOCHS} seeds, of which the "
        f"longest has {limits[0]:,} words: name the limit in a setting"
    )


@register_check("augmenter", "a training that is resumed must have the texts of one that was not interrupted")
def texts_follow_from_the_seed(subject: Subject) -> None:
    augmenter = augmenter_of(subject)
    for description, texts in INPUTS:
        alone = augmenter.augment(texts, seed=3)
        for seed in (1, 2):
            augmenter.augment(texts, seed=seed)
        after = augmenter.augment(texts, seed=3)
        assert alone.equals(after), f"for {description} the texts of seed 3 are others if seeds 1 and 2 were before it"


@register_check("augmenter", "texts that stay the same are encoded once, so that it must be declared")
def changes_texts_as_declared(subject: Subject) -> None:
    augmenter = augmenter_of(subject)
    texts = dict(INPUTS)["64 texts of 20 words"]
    versions = [augmenter.augment(texts, seed=seed) for seed in SEEDS]
    if not augmenter.changes_texts:
        assert all(version.equals(texts) for version in versions), "it declares changes_texts = False, but changes some"
        return
    assert any(not version.equals(texts) for version in versions), "no text of 64 is changed: changes_texts = False?"
    assert not versions[0].equals(versions[1]), "all texts are the same for seeds 1 and 2: epochs must differ"
