"""What vectorizers do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.vectorizers.fitting import (
    all_texts,
    encode,
    tensors_of,
    tokens_of,
    usual_split,
    vectorizer_of,
)
from zoo_core.testing.vectorizers.texts import as_input


@register_exercise("vectorizer")
def exercise_vectorizer(subject: Subject) -> list[object]:
    """Return what is learned from a training split, its features, and the tokens and features of all texts to encode.

    Texts are also tokenized in this thread alone, where calls are recorded."""
    texts, labels = usual_split(subject)
    encoder, features = vectorizer_of(subject).fit_transform(tokens_of(subject, texts), labels)
    all_of_them = as_input(vectorizer_of(subject).input_type, all_texts(subject))
    tokens = vectorizer_of(subject).tokenize(all_of_them)
    encoded = encode(subject, encoder, all_of_them)
    return [
        tokens,
        encoder.num_features,
        encoder.feature_names(),
        encoder.state(),
        tensors_of(features),
        tensors_of(encoded),
    ]
