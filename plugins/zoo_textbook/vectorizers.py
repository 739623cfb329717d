"""The textbook's vectorizer. Its encoder, which needs torch, is in `encoders`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Encoder, State, Vectorizer, setting
from zoo_core.fields import not_negative

if TYPE_CHECKING:
    import torch

    from zoo_core.tokens import Tokens


@frozen
class OneHot(Vectorizer):
    """The collapsed one-hot vector: 1 for each word a text holds, however often, and 0 for every other.

    The vocabulary is of the training split alone: its words counted above the cutoff, and an unknown word
    that stands for all others. Tokens of nothing but punctuation are left out.

    Source: Rao & McMahan, sections 1.2 and 3.6."""

    name = "one-hot"
    emits = "bag"
    cutoff: int = setting(25, "a word is kept when it is counted more often than this", not_negative)
    punctuation: bool = setting(False, "whether tokens of nothing but punctuation are kept")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_textbook.encoders import OneHotEncoder

        return OneHotEncoder.fitted(tokens, cutoff=self.cutoff, punctuation=self.punctuation)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import OneHotEncoder

        return OneHotEncoder.restored(state, punctuation=self.punctuation)
