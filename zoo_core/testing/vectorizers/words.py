"""Checks of single words: unknown ones change nothing, and no text is too long for one."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.components.protocols import Encoder
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Sequence
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.truncation import is_explained
from zoo_core.testing.vectorizers.fitting import (
    Features,
    dense_values,
    encode,
    fit_encoder,
    tensors_of,
    tokens_of,
    vectorizer_of,
)
from zoo_core.testing.vectorizers.texts import LENGTHS, as_texts

PLACES = ("last", "first", "middle")
FREQUENT = ("good", "food", "awful", "place")
KNOWN, OTHER = "good", "awful"  # words of the usual training split, one of each class
TEXTS = ("good food and", "awful bad place", "good")
UNKNOWN = (("ꙮ", "ⵣ", "ᚠ"), ("zyzzyva", "qwertyish", "xylograph"))  # of letters and syllables that are in no text
MIN_CHARACTERS = 200  # at which a text is so long that a limit of characters may be meant
REPEATED = (1, 2, 255, 256, 257, 300, 1000)  # times


@register_check(
    "vectorizer", "an unknown word says nothing that was learned: it is left out, or is one reserved feature"
)
def unknown_words_change_nothing(subject: Subject) -> None:
    encoder = fit_encoder(subject)
    if vectorizer_of(subject).input_type == "numbers":
        skip("it reads numbers")
    if not encoder.feature_names() and not any(isinstance(value, list) for value in encoder.state().values()):
        skip("it knows no words: its features have no names and its state has none")
    for unknown in UNKNOWN:
        _require_no_change(subject, encoder, unknown)


def _require_no_change(subject: Subject, encoder: Encoder, unknown: tuple[str, ...]) -> None:
    """Fail if unknown words change features of others; words that are split into pieces are not unknown."""
    changed = [(text, other) for text in TEXTS for other in (f"{text} {unknown[0]}", f"{unknown[0]} {text}")]
    texts = ["", *unknown, *FREQUENT, *TEXTS, *(other for _, other in changed), f"{KNOWN} {OTHER}"]
    encoded = encode(subject, encoder, as_texts(texts))
    assert len(encoded) == len(texts), f"{len(texts)} texts, some of unknown words, make {len(encoded)} rows"
    matrix = dense_values(encoded)
    values = dict(zip(texts, matrix - matrix[0], strict=True))
    is_split = any(len(tokens_of(subject, as_texts([word])).codes) != 1 for word in unknown)
    if is_split or any(int((values[word] != 0).sum()) > 1 for word in unknown):
        return
    reserved = [int(values[word].abs().argmax()) if values[word].any() else None for word in unknown]
    for word, feature in zip(unknown, reserved, strict=True):
        names = f"the features {_name(encoder, reserved[0])} and {_name(encoder, feature)}"
        assert feature == reserved[0], f'"{unknown[0]}" and "{word}", both unknown, are {names}'
    for known in FREQUENT:
        is_same = (
            reserved[0] is not None and bool(values[known].any()) and int(values[known].abs().argmax()) == reserved[0]
        )
        assert not is_same, f'"{unknown[0]}", an unknown word, is the feature of "{known}"'
    between = (values[f"{KNOWN} {OTHER}"] != 0) & (values[KNOWN] == 0) & (values[OTHER] == 0)  # of a space, say
    ignored = [*between.nonzero().flatten().tolist(), *(number for number in reserved[:1] if number is not None)]
    for text, other in changed:
        if len(tokens_of(subject, as_texts([other])).codes) != len(tokens_of(subject, as_texts([text])).codes) + 1:
            continue  # the space is a token, too
        pair = [encoded.slice(at, at + 1) for at in (texts.index(text), texts.index(other))]
        what = f'"{other}" has other features than "{text}", beside one for the unknown word'
        _require_same_others(pair[0], pair[1], ignored, what)


def _require_same_others(before: Features, after: Features, ignored: list[int], what: str) -> None:
    """Fail if other features than these differ; the norm of a text may scale them if there are such."""
    if isinstance(before, Sequence) and isinstance(after, Sequence):
        others = [
            features.ids[~torch.isin(features.ids, torch.tensor(ignored, dtype=features.ids.dtype))]
            for features in (before, after)
        ]
        assert_close(others[1], others[0], what)
        return
    values, changed = (dense_values(features)[0] for features in (before, after))
    if ignored:
        values[ignored] = changed[ignored] = 0
        values, changed = _unit(values), _unit(changed)
    assert_close(changed, values, what, rtol=1e-4, atol=1e-6)


def _unit(values: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(values)
    return values / norm.clamp(min=1e-30)


def _name(encoder: Encoder, feature: int | None) -> str:
    names = encoder.feature_names()
    return "none" if feature is None else f'"{names[feature]}"' if feature < len(names) else str(feature)


@register_check("vectorizer", "words at the end of a long text matter, unless a setting says where it is cut")
def reads_the_whole_text(subject: Subject) -> None:
    if vectorizer_of(subject).input_type == "numbers":
        skip("it reads numbers")
    repeated = [" ".join([KNOWN] * times) for times in REPEATED]
    changed = {(place, length): _with_other(place, length) for place in PLACES for length in LENGTHS[1:]}
    texts = list(dict.fromkeys(["", OTHER, *repeated, *(text for pair in changed.values() for text in pair)]))
    rows = dict(zip(texts, _rows(encode(subject, fit_encoder(subject), as_texts(texts))), strict=True))
    if not (_differ(rows[KNOWN], rows[OTHER]) and _differ(rows[KNOWN], rows[""])):
        skip(f'fitted to the training texts of the kit, it does not distinguish "{KNOWN}" and "{OTHER}"')
    for times, text in zip(REPEATED, repeated, strict=True):
        assert _differ(rows[text], rows[""]), f'"{KNOWN}" {times} times has the features of an empty text'
    for place in PLACES:
        unseen = [length for length in LENGTHS[1:] if not _differ(*(rows[text] for text in changed[place, length]))]
        if unseen:
            _require_explanation(subject, place, LENGTHS[LENGTHS.index(unseen[0]) - 1], unseen[0])


def _with_other(place: str, length: int) -> tuple[str, str]:
    """A text of one word many times, and the same with another word at a place."""
    words = [KNOWN] * length
    at = {"last": length - 1, "first": 0, "middle": length // 2}[place]
    return " ".join(words), " ".join([*words[:at], OTHER, *words[at + 1 :]])


def _rows(features: Features) -> list[Tensor]:
    """The features of each text: values, the ids of a sequence, or the ids and the weights of a bag."""
    rows = [tensors_of(features.slice(row, row + 1)) for row in range(len(features))]
    if isinstance(features, Bag):  # an entry of weight 0 says nothing
        rows = [{name: row[name][row["values"] != 0] for name in ("ids", "values")} for row in rows]
    return [torch.stack([row[name].double().flatten() for name in row if name != "offsets"]) for row in rows]


def _differ(first: Tensor, second: Tensor) -> bool:
    """Whether two texts have different features."""
    return first.shape != second.shape or not torch.allclose(first, second, rtol=1e-6, atol=1e-9)


def _require_explanation(subject: Subject, place: str, seen: int, length: int) -> None:
    """Fail unless a setting or the docstring names a number of words, tokens or characters between two lengths."""
    texts = [" ".join([KNOWN] * words) for words in (seen, length)]
    tokens = [len(tokens_of(subject, as_texts([text])).codes) for text in texts]
    ranges = [(seen, length), (tokens[0], tokens[1])]
    if len(texts[1]) >= MIN_CHARACTERS:
        ranges.append((len(texts[0]), len(texts[1])))
    if place == "middle":
        ranges = [(least // 2, most // 2 + 2) for least, most in ranges]
    assert is_explained(subject.component, ranges), (
        f"it does not see the {place} word of {length} words, and does that of {seen}: name the limit in a setting"
    )
