"""A model in a slot of a model, and one with pretrained vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Model, call_build, slot
from zoo_core.components.component import ScoreForm
from zoo_core.features.layout_names import Layout

if TYPE_CHECKING:
    from torch import nn

DIMENSIONS = 3


@frozen
class Tempered(Model):
    """The scores of another model, divided by a learned temperature.

    Source: Guo et al. 2017."""

    name = "tempered"
    accepts = ("bag", "dense", "sequence")
    inner: Model = slot("linear", "the model whose scores are divided")

    def accepted_layouts(self) -> tuple[Layout, ...]:
        return self.inner.accepted_layouts()

    def has_sparse_gradients(self) -> bool:
        return self.inner.has_sparse_gradients()

    def output_form(self) -> ScoreForm:
        return "logits" if self.inner.output_form() == "logits" else "scores"

    def build(self, *, num_features: int, num_outputs: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from tests.contracts.wide_plugin.modules import TemperedModule

        offered = {"num_features": num_features, "num_outputs": num_outputs, "feature_names": feature_names}
        return TemperedModule(call_build(self.inner, **offered))


@frozen
class WordVectors(Model):
    """The mean of pretrained word vectors, fine-tuned; words without a vector begin at 0.

    Source: Joulin et al. 2017."""

    name = "word-vectors"
    accepts = ("bag",)

    def build(self, *, num_outputs: int, feature_names: Sequence[str]) -> nn.Module:
        import torch

        from tests.contracts.wide_plugin.modules import WordVectorsModule

        lines = Path(__file__).with_name("vectors.txt").read_text(encoding="utf-8").splitlines()
        known = {word: [float(number) for number in numbers] for word, *numbers in map(str.split, lines)}
        vectors = torch.tensor([known.get(name, [0.0] * DIMENSIONS) for name in feature_names])
        return WordVectorsModule(vectors, num_outputs)
