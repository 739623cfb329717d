"""Checks that there is something to learn from: words in the texts, and features that differ between texts."""

from __future__ import annotations

import numpy as np
import torch
from attrs import field, frozen

from zoo_core.components.normalization_style import find_style
from zoo_core.errors import DataError
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import Tokens
from zoo_core.messages import warn
from zoo_core.recipes.plan import Plan

MAX_EMPTY_SHARE = 0.05  # of the texts of a split; more of them are worth a warning
CUTOFF_HINT = "the cutoffs of the vectorizer may be too high for these texts"


@frozen
class WordCheck:
    """Counts the texts that have no token left after normalization, by split."""

    plan: Plan
    source: str
    _empty: dict[str, tuple[int, int]] = field(factory=dict, init=False)  # texts without tokens, and all texts

    def check(self, split: str, tokens: Tokens) -> Tokens:
        """The same tokens. Raises DataError if no training text has one."""
        empty = int((np.diff(tokens.offsets) == 0).sum())
        self._empty[split] = (empty, len(tokens))
        if split == "train" and empty == len(tokens):
            raise DataError(f"no training text has a word {self._when()}", where=self.source, hint=self._hint())
        return tokens

    def warn_of_empty_texts(self) -> None:
        """Warn of splits in which many texts have no token."""
        shares = [
            f"{empty} of {texts} in {split}"
            for split, (empty, texts) in self._empty.items()
            if empty > MAX_EMPTY_SHARE * texts
        ]
        if shares:
            warn(f"texts without a word {self._when()}: {', '.join(shares)} (hint: {self._hint()})")

    def _when(self) -> str:
        found = find_style(self.plan.task)
        return "after normalization " + (f'"{found.style}"' if found else f'by task "{self.plan.task.name}"')

    def _hint(self) -> str:
        found = find_style(self.plan.task)
        if found is None or found.style == "unicode":
            return "check the column of texts"
        return f"task.{found.setting}=unicode keeps the words of every script"


def check_features_differ(features: Bag | Dense | Sequence, source: str) -> None:
    """Raise DataError if there are no features; warn if all texts of the training split have the same ones."""
    if (features.values.shape[1] if isinstance(features, Dense) else features.width) < 1:
        raise DataError("the vectorizer found no features in the training split", where=source, hint=CUTOFF_HINT)
    if len(features) > 1 and _are_rows_equal(features):
        message = "all texts of the training split have the same features, from which nothing can be learned"
        warn(f"{source}: {message} (hint: {CUTOFF_HINT})")


def _are_rows_equal(features: Bag | Dense | Sequence) -> bool:
    if isinstance(features, Dense):
        return bool((features.values == features.values[0]).all())
    lengths = features.lengths()
    if not bool((lengths == lengths[0]).all()):
        return False
    rows = (len(features), int(lengths[0]))
    columns = [features.ids.view(rows)]
    if isinstance(features, Bag) and features.weights is not None:
        columns.append(features.weights.view(rows))
    return all(torch.equal(column, column[:1].expand(rows)) for column in columns)
