"""Augmenters: other training texts in every epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Augmenter, setting
from zoo_core.components.validators import Bounds

if TYPE_CHECKING:
    import polars as pl

share = Bounds(ge=0, le=1)


@frozen
class NoAugmentation(Augmenter):
    """Training texts as they are.

    Source: Rao & McMahan, section 3.6."""

    name = "none"
    changes_texts = False

    def augment(self, texts: pl.Series, *, seed: int) -> pl.Series:
        return texts


@frozen
class WordDropout(Augmenter):
    """Leave out each word with the probability `share`; one random word of a text always stays.

    Source: Iyyer et al., *Deep Unordered Composition Rivals Syntactic Methods for Text Classification* (2015)."""

    name = "word-dropout"
    share: float = setting(0.1, "probability that a word is left out", share)

    def augment(self, texts: pl.Series, *, seed: int) -> pl.Series:
        from zoo_textbook.rows.word_changes import drop_words

        return drop_words(texts, self.share, seed)


@frozen
class WordSwap(Augmenter):
    """Swap a word with the next one, with the probability `share` for each pair; no word moves twice.

    The words of a text stay, so that only vectorizers see it that use their order, as word pairs.

    Source: Wei & Zou, *EDA: Easy Data Augmentation Techniques* (2019), of neighboring words."""

    name = "word-swap"
    share: float = setting(0.1, "probability that a word is swapped with the next one", share)

    def augment(self, texts: pl.Series, *, seed: int) -> pl.Series:
        from zoo_textbook.rows.word_changes import swap_words

        return swap_words(texts, self.share, seed)
