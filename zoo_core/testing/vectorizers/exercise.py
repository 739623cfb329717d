"""What vectorizers do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from torch import Tensor

from zoo_core.components.contracts import Vectorizer
from zoo_core.features.tokens import tokenize_column
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.inputs import training_inputs
from zoo_core.testing.vectorizers.behavior import tensors_of


@register_exercise("vectorizer")
def exercise_vectorizer(subject: Subject) -> list[dict[str, Tensor]]:
    """Return the features of training texts, from `fit_transform` and from `transform`."""
    vectorizer = cast(Vectorizer, subject.component)
    texts, labels = training_inputs(vectorizer.input_type)
    tokens = tokenize_column(texts, vectorizer.tokenize)
    encoder, features = vectorizer.fit_transform(tokens, labels)
    return [tensors_of(features), tensors_of(encoder.transform(tokens))]
