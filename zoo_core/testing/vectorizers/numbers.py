"""Checks of vectorizers of numbers: a number is the same however it is written, and at any place in a row."""

from __future__ import annotations

from zoo_core.testing.assertions import assert_close
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.vectorizers.fitting import encode, fit_encoder, tensors_of, vectorizer_of
from zoo_core.testing.vectorizers.texts import as_texts

SAME = (  # the same number, as files write it
    ("1200", ("1.2e3", "1.2E+03", "1200.0", "+1200", "1200.", "12000e-1")),
    ("-0.0025", ("-2.5e-3", "-.0025", "-0.00250")),
    ("0", ("0.0", "-0", "0e7")),
    ("20000000", ("2e7", "2E7", "0.2e8")),
)


@register_check("vectorizer", "a number says the same however a file writes it, and wherever it is in a row")
def numbers_are_read_as_written(subject: Subject) -> None:
    if vectorizer_of(subject).input_type != "numbers":
        skip("it reads texts")
    encoder = fit_encoder(subject)
    for number, forms in SAME:
        for name, other in (("height", "weight"), ("weight", "height")):
            texts = [f"{name}={form}; {other}=1" for form in (number, *forms)]
            texts.append(f"{other}=1; {name}={number}")
            rows = encode(subject, encoder, as_texts(texts))
            first = tensors_of(rows.slice(0, 1))
            for row, text in enumerate(texts):
                what = f'"{text}" has other features than "{texts[0]}"'
                assert_close(tensors_of(rows.slice(row, row + 1)), first, what)
