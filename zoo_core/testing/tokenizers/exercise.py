"""What tokenizers do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.tokenizers.inputs import INPUTS, USUAL, fit, tokenize


@register_exercise("tokenizer")
def exercise_tokenizer(subject: Subject) -> dict[str, object]:
    """Return the tokens of all inputs, after fitting to the usual ones."""
    fitted = fit(subject, INPUTS.makers[USUAL]())
    return {description: tokenize(subject, fitted, texts) for description, texts in INPUTS}
