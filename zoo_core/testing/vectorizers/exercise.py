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


@register_exercise("vectorizer")
def exercise_vectorizer(subject: Subject) -> list[object]:
    """Return what is learned from a training split, its features, and those of all texts to encode."""
    texts, labels = usual_split(subject)
    encoder, features = vectorizer_of(subject).fit_transform(tokens_of(subject, texts), labels)
    encoded = encode(subject, encoder, all_texts(subject))
    return [encoder.num_features, encoder.feature_names(), encoder.state(), tensors_of(features), tensors_of(encoded)]
