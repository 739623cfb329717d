"""The check of vectorizers with the labels of multi-label targets."""

from __future__ import annotations

import torch
from torch.nn import functional

from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.vectorizers.fitting import encode, tokens_of, usual_split, vectorizer_of


@register_check("vectorizer", "with several labels a text, a vectorizer that supports them gets a matrix of labels")
def fits_label_sets(subject: Subject) -> None:
    vectorizer = vectorizer_of(subject)
    if "multi-label" not in vectorizer.targets:
        skip("it does not support multi-label targets")
    texts, classes = usual_split(subject)
    labels = functional.one_hot(classes, int(classes.max()) + 1).float()
    labels[::5] = 0  # texts without a label
    labels[1::5] = 1  # and with all of them
    tokens, before = tokens_of(subject, texts), labels.clone()
    encoder = vectorizer.fit(tokens, labels)
    assert encoder.num_features >= 1, f"it has {encoder.num_features} features for a matrix of labels"
    assert len(encode(subject, encoder, texts)) == len(texts), "the features have not one row for each text"
    assert torch.equal(labels, before), "fit() modifies the labels"
    again = vectorizer.fit(tokens, labels)
    text = "fitted again to the same texts and label sets, it encodes texts otherwise"
    assert_equal(encode(subject, again, texts), encode(subject, encoder, texts), text)
