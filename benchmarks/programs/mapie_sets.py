"""Prediction sets of MAPIE for scores that any program can make, beside those of `zoo_core` if it is installed.

    python -m benchmarks.programs.mapie_sets

Prints the sets as JSON: for each coverage a word of 0 and 1 for each row. `tests/core/evaluation/answers/` stores this
output. Needs MAPIE 1.x and scikit-learn, which are no extra of textzoo: run it in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

COVERAGES = (0.5, 0.8, 0.9, 0.95)
CALIBRATION_ROWS, ROWS, CLASSES = 120, 30, 4


def make_scores(seed: int = 7) -> tuple[Any, Any, Any]:
    """Probabilities of calibration rows, their classes, and probabilities of other rows; the same on every machine."""
    generator = np.random.default_rng(seed)
    logits = np.round(generator.random((CALIBRATION_ROWS + ROWS, CLASSES)) * 4, 3)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    drawn = generator.random(len(logits))[:, None] > probabilities.cumsum(axis=1)
    targets = np.minimum(drawn.sum(axis=1), CLASSES - 1)
    return probabilities[:CALIBRATION_ROWS], targets[:CALIBRATION_ROWS], probabilities[CALIBRATION_ROWS:]


def mapie_sets(values: Any, targets: Any, others: Any, coverage: float) -> Any:
    """The sets `(rows, classes)` of MAPIE's split conformal classifier with the score LAC."""
    from mapie.classification import SplitConformalClassifier
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        """A fitted classifier whose inputs are its probabilities."""

        classes_ = np.arange(values.shape[1])
        fitted_ = True

        def fit(self, inputs: Any, _targets: Any) -> Any:
            self.n_features_in_ = inputs.shape[1]
            return self

        def predict_proba(self, inputs: Any) -> Any:
            return inputs

        def predict(self, inputs: Any) -> Any:
            return inputs.argmax(axis=1)

    classifier = SplitConformalClassifier(Given().fit(values, targets), coverage, conformity_score="lac", prefit=True)
    return classifier.conformalize(values, targets).predict_set(others)[1][:, :, 0]


def main() -> None:
    """Print MAPIE's sets, and stop with an error if those of `zoo_core` differ."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    values, targets, others = make_scores()
    found = {coverage: mapie_sets(values, targets, others, coverage) for coverage in COVERAGES}
    print(json.dumps({key: ["".join(map(str, row)) for row in sets.astype(int)] for key, sets in found.items()}))
    try:
        import torch

        from zoo_core.evaluation.answers.prediction_sets import prediction_sets, set_thresholds
    except ImportError:
        return
    for coverage, sets in found.items():
        thresholds = set_thresholds(torch.tensor(values), torch.tensor(targets), coverage)
        assert (prediction_sets(torch.tensor(others), thresholds).numpy() == sets).all(), coverage


if __name__ == "__main__":
    main()
