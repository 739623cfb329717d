"""Explanations of the texts of one run: what is the same for each text is computed once."""

from __future__ import annotations

from attrs import define, field
from torch import nn

from zoo_core.components.head import Head
from zoo_core.components.protocols import Encoder
from zoo_core.data.loading import tokenize_texts
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import class_values, predict_scores
from zoo_core.evaluation.explanation import (
    AttributionTask,
    Explanation,
    bag_attribution_task,
    dense_attribution_task,
    explain,
    word_attribution_task,
)
from zoo_core.evaluation.sequence_explanation import sequence_attribution_task
from zoo_core.evaluation.word_pieces import find_owners, find_token_owners
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import Tokens
from zoo_core.messages import name_hint, quote_name
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.runs.predictions import texts_to_series


@define(eq=False)
class Explainer:
    """Explains the scores of texts by the model and the encoder of a run."""

    registry: Registry
    plan: Plan
    head: Head
    encoder: Encoder
    module: nn.Module
    _names: list[str] | None = field(default=None, init=False)

    def explain(self, text: str, label: str = "") -> Explanation:
        """Attribute the score of a class, the predicted one by default.

        Raises RecipeError for an unknown class, and for what is not a text.
        """
        if label and label not in self.head.classes:
            raise RecipeError(f"unknown class {quote_name(label)}", hint=name_hint(label, self.head.classes))
        tokens = tokenize_texts(self.registry, self.plan, texts_to_series([text]))
        features = self.encoder.transform(tokens)
        scores = predict_scores(self.module, features)
        values, predicted_labels = class_values(self.head, scores), self.head.predict(scores)
        predicted = self.head.form.describe(predicted_labels[0], self.head.classes)
        leading = int(self.head.form.leading_class(predicted_labels, values)[0])
        index = self.head.classes.index(label) if label else leading
        return explain(self._task(tokens, features, index), self.head.classes[index], predicted)

    def _task(self, tokens: Tokens, features: Bag | Dense | Sequence, index: int) -> AttributionTask:
        has_names = self.plan.vectorizer.has_feature_names
        if isinstance(features, Bag) and has_names:
            names = self._feature_names()
            owners = find_owners(self.encoder, tokens, features, names)
            return bag_attribution_task(self.module, features, self.head, index, names, owners)
        if isinstance(features, Dense) and has_names:
            return dense_attribution_task(self.module, features, self.head, index, self._feature_names())
        embedding = self.plan.model.embedding_layer(self.module)
        if isinstance(features, Sequence) and has_names and embedding is not None:
            names = self._feature_names()
            words = find_token_owners(self.encoder, tokens, features.ids.tolist(), names)
            return sequence_attribution_task(self.module, embedding, features, self.head, index, names, words)
        return word_attribution_task(self.module, tokens, self.encoder.transform, self.head, index)

    def _feature_names(self) -> list[str]:
        if self._names is None:
            self._names = self.encoder.feature_names()
        return self._names
