"""The vectorizer of sequences. Its encoder, which needs torch, is in `token_encoder`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Encoder, Problem, State, Tokenizer, Vectorizer, setting, slot
from zoo_core.components.validators import at_least_one, not_negative

if TYPE_CHECKING:
    import torch

    from zoo_core.features.tokens import Tokens
    from zoo_sequences.text_pieces import Reading

ONLY_LONG = "it only matters for long texts"


@frozen
class TokenIds(Vectorizer):
    """The number of each token of a text, in order: 0 is padding, 1 any unknown token, 2 the most frequent one.

    The vocabulary is built from the training split alone. A text longer than `max_length` is cut: only its first tokens
    are kept (`head`), only its last ones (`tail`), or half of them from each end (`head+tail`, which leaves out the
    middle); how many texts are cut is reported. Or nothing is left out (`windows`): the text is divided into windows of
    `max_length` tokens, and its scores are the means of those of its windows.

    Source: Rao & McMahan, section 5.3 (vocabulary with a mask and an unknown token); head and tail: Sun et al. 2019,
    "How to Fine-Tune BERT for Text Classification?"."""

    name = "token-ids"
    layout = "sequence"
    min_count: int = setting(2, "how often a token must occur in the training texts to be known", at_least_one)
    max_size: int = setting(0, "maximum number of known tokens, the most frequent first; 0 for all", not_negative)
    max_length: int = setting(512, "tokens of a text, or of a window, that the model reads", at_least_one)
    long_texts: Literal["head", "tail", "head+tail", "windows"] = setting(
        "head", "what is read of longer texts", no_effect=ONLY_LONG
    )
    overlap: int = setting(
        0, "tokens that each window shares with the one before, at least", not_negative, no_effect=ONLY_LONG
    )
    tokenizer: Tokenizer = slot("spaces", "how a normalized text is split into tokens")

    def check(self) -> Iterator[Problem]:
        if self.overlap >= self.max_length:
            hint = f"{self.max_length // 2}" if self.max_length > 1 else "0"
            yield Problem(f"must be less than max_length, which is {self.max_length}", hint=hint, setting="overlap")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_sequences.token_encoder import TokenIdEncoder, frequent_words

        return TokenIdEncoder(frequent_words(tokens, self.min_count, self.max_size), self._reading())

    def restore(self, state: State) -> Encoder:
        from zoo_sequences.token_encoder import TokenIdEncoder, read_words

        return TokenIdEncoder(read_words(state), self._reading())

    def _reading(self) -> Reading:
        from zoo_sequences.text_pieces import Reading

        return Reading(self.long_texts, self.max_length, self.overlap)
