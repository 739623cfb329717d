"""Features that are pieces of a word, such as character n-grams: which words of a text each of them belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from zoo_core.components.encoding.tokenized_encoder import final_tokens
from zoo_core.components.protocols import Encoder
from zoo_core.evaluation.known_words import unknown_ids
from zoo_core.features.bag import Bag
from zoo_core.features.tokens import Tokens


@frozen
class Contribution:
    """What one feature, or one word, of a text adds to the score of a class; `pieces` are those inside the word."""

    token: str
    value: float
    pieces: tuple[Contribution, ...] = ()


def find_owners(encoder: Encoder, tokens: Tokens, bag: Bag, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The words that each feature of a text is a piece of, by the order of the features in `bag`, a single row.

    A feature is a piece of the words that have it when they are alone, and is named otherwise. One that no word has
    alone, as a word pair, is not a piece, nor is one that stands for unknown words.
    """
    words = tokens.words.to_list()
    alone = encoder.transform(Tokens(np.arange(len(words), dtype=np.int32), np.arange(len(words) + 1), tokens.words))
    if not isinstance(alone, Bag):
        return [()] * len(bag.ids)
    owners: dict[int, list[str]] = {}
    for row, feature in zip(alone.row_ids().tolist(), alone.ids.tolist(), strict=True):
        owners.setdefault(feature, []).append(words[row])
    for feature in unknown_ids(encoder).tolist():
        owners.pop(feature, None)
    pieces = []
    for feature in bag.ids.tolist():
        at = owners.get(feature, [])
        pieces.append(() if names[feature] in at else tuple(at))
    return pieces


def find_token_owners(
    encoder: Encoder, tokens: Tokens, ids: Sequence[int], names: Sequence[str]
) -> list[tuple[str, ...]] | None:
    """The word that each token of a sequence, a single row, is a piece of; its own name needs none.

    None if no tokenizer split the words, or if the encoder does not have each piece in its place, as of a text that it
    cuts.
    """
    words = tokens.words.to_list()
    alone = Tokens(np.arange(len(words), dtype=np.int32), np.arange(len(words) + 1), tokens.words)
    pieces = final_tokens(encoder, alone)[1]
    owners = np.repeat(tokens.codes, np.diff(pieces.offsets)[tokens.codes]).tolist()
    if pieces is alone or len(owners) != len(ids):
        return None
    return [() if names[id] == words[word] else (words[word],) for id, word in zip(ids, owners, strict=True)]


def group_pieces(names: Sequence[str], values: Sequence[float], owners: Sequence[Sequence[str]]) -> list[Contribution]:
    """The contributions of features, those of pieces added to their words: in equal shares, if there are several.

    The sum stays the same. The pieces of a word are its own feature and its shares of others. If a single word would
    be left, nothing is grouped.

    >>> [(one.token, one.value) for one in group_pieces(["go", "good", "a b"], [1.0, 2.0, 4.0], [["good"], [], []])]
    [('good', 3.0), ('a b', 4.0)]
    """
    parts: dict[str, list[Contribution]] = {}
    for name, value, words in zip(names, values, owners, strict=True):
        for word in words or (name,):
            parts.setdefault(word, []).append(Contribution(name, value / max(len(words), 1)))
    if len(parts) < 2:
        return [Contribution(name, value) for name, value in zip(names, values, strict=True)]
    grouped = []
    for word, pieces in parts.items():
        is_whole = len(pieces) == 1 and pieces[0].token == word
        total = sum(piece.value for piece in pieces)
        grouped.append(Contribution(word, total, () if is_whole else tuple(sorted(pieces, key=rank))))
    return grouped


def rank(contribution: Contribution) -> tuple[float, str]:
    """The key that sorts contributions, the largest first."""
    return -abs(contribution.value), contribution.token
