"""Faulty models."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from tests.contracts.faulty import faulty, function, parameter
from zoo_core.features.bag import Bag
from zoo_ngrams.models import EmbeddingBag
from zoo_textbook.models import Perceptron
from zoo_textbook.modules import FirstLayer


def of(call, base=Perceptron, parts=dict, **members):
    """A linear layer `m.inner` on bags and dense matrices, changed by `call(m, features)`."""

    def build(self, *, num_features, num_outputs):
        return function(call, inner=FirstLayer(num_features, num_outputs), **parts())

    return faulty(base, build=build, **members)


def embedded(call, **members):
    """An embedding `m.e` and a linear layer `m.out`, on sequences."""

    def build(self, *, num_features, num_outputs):
        return function(call, e=nn.Embedding(num_features, 8), out=nn.Linear(8, num_outputs))

    return faulty(Perceptron, build=build, accepts=("sequence",), output_form=lambda self: "logits", **members)


def mean_with_padding(m, x):
    return m.out(m.e(x.padded()[0]).mean(1))  # (batch, outputs)


def embed_twice(m, x):
    return mean_of_words(m, x) + 0 * mean_with_padding(m, x)


def mean_of_words(m, x):
    ids, lengths = x.padded()
    mask = torch.arange(ids.shape[1], device=ids.device)[None, :, None] < lengths[:, None, None]
    return m.out((m.e(ids) * mask).sum(1) / lengths.clamp(min=1)[:, None])


def limit_weights(m, x):
    with torch.no_grad():
        m.inner.linear.weight.clamp_(-0.3, 0.3)
    return m.inner(x)


def mean_of_no_words(m, x):
    ids, lengths = x.padded()
    mask = torch.arange(ids.shape[1], device=ids.device)[None, :, None] < lengths[:, None, None]
    return m.out((m.e(ids) * mask).sum(1) / lengths[:, None])


def count_calls(m, x):
    m.calls += 1
    return m.inner(x)


def build_unseeded(self, *, num_features, num_outputs):
    layer = FirstLayer(num_features, num_outputs)
    nn.init.constant_(layer.linear.bias, float(np.random.rand()))
    return layer


def build_in_list(self, *, num_features, num_outputs):
    layers = [FirstLayer(num_features, 4), nn.Linear(4, num_outputs)]
    return function(lambda m, x: layers[1](layers[0](x)) + m.a, a=parameter())


def build_reading_weights(self, *, num_features, num_outputs):
    layer = FirstLayer(num_features, num_outputs)
    assert float(layer.linear.weight.sum().abs()) < 1e6
    return layer


class Projected(nn.Module):
    """A random projection that is not part of the state."""

    def __init__(self, features, outputs):
        super().__init__()
        self.inner = FirstLayer(features, outputs)
        self.register_buffer("mixed", torch.randn(outputs, outputs), persistent=False)

    def forward(self, x):
        return self.inner(x) @ self.mixed


SOUND = [of(lambda m, x: m.inner(x)), embedded(mean_of_words)]
FAULTS = [
    ("shape-of-scores", "squeezes a batch of one", of(lambda m, x: m.inner(x).squeeze())),
    ("shape-of-scores", "drops the axis of a single output", of(lambda m, x: m.inner(x).squeeze(-1))),
    ("finite-scores", "divides by the length of an empty text", embedded(mean_of_no_words)),
    (
        "embedding-layer-has-every-token",
        "embeds the batch twice",
        embedded(embed_twice, embedding_layer=lambda self, module: module.e),
    ),
    ("ignores-padding", "a mean that includes padding", embedded(mean_with_padding)),
    ("batch-equals-rows", "a mean that includes padding", embedded(mean_with_padding)),
    ("batch-equals-rows", "softmax over the batch", of(lambda m, x: m.inner(x).softmax(0))),
    (
        "batch-equals-rows",
        "normalizes over the batch",
        of(lambda m, x: _normalize_batch(m.inner(x))),
    ),
    (
        "gradient-reaches-every-parameter",
        "a detached layer",
        of(lambda m, x: m.inner(x).detach() + m.a, parts=lambda: {"a": parameter()}),
    ),
    ("gradient-is-correct", "half detached", of(lambda m, x: (m.inner(x) + m.inner(x).detach()) / 2)),
    (
        "gradient-is-correct",
        "the norm of a weight is detached",
        of(lambda m, x: m.inner(x) / m.inner.linear.weight.data.norm().clamp(min=1e-6)),
    ),
    ("evaluation-mode-is-repeatable", "dropout in evaluation", of(lambda m, x: torch.dropout(m.inner(x), 0.5, True))),
    (
        "evaluation-mode-is-repeatable",
        "a buffer that evaluation changes",
        of(count_calls, parts=lambda: {"calls": nn.Parameter(torch.zeros(()), requires_grad=False)}),
    ),
    ("deterministic", "weights initialized without the seed", faulty(Perceptron, build=build_unseeded)),
    ("keeps-nothing-between-calls", "limits its weights in forward()", of(limit_weights)),
    ("state-round-trip", "layers in a plain list", faulty(Perceptron, build=build_in_list)),
    (
        "state-round-trip",
        "a buffer that is not persistent",
        faulty(Perceptron, build=lambda self, *, num_features, num_outputs: Projected(num_features, num_outputs)),
    ),
    ("builds-on-meta-device", "reads its own weights", faulty(Perceptron, build=build_reading_weights)),
    (
        "float32-and-float64-agree",
        "another scale in float64",
        of(lambda m, x: m.inner(x) * (2 if m.inner.linear.weight.dtype == torch.float64 else 1)),
    ),
    (
        "bag-equals-dense",
        "ignores the weights of a bag",
        of(lambda m, x: m.inner(Bag(x.ids, x.offsets, None, x.width) if isinstance(x, Bag) else x)),
    ),
    (
        "does-not-modify-input",
        "modifies its input",
        of(lambda m, x: m.inner(x) if isinstance(x, Bag) else m.inner(_halve_in_place(x))),
    ),
    (
        "learns-a-tiny-task",
        "the same score for every class",
        of(lambda m, x: m.inner(x).mean(1, True).expand(-1, 3)[:, :2]),
    ),
    ("converts-to-float64", "always float32", of(lambda m, x: m.inner(x).float())),
    ("valid-class", "an invalid layout", faulty(EmbeddingBag, accepts="bag")),
]


def _normalize_batch(scores):
    return (scores - scores.mean(0)) / scores.std(0, correction=0).clamp(min=1e-3)


def _halve_in_place(x):
    x.values.mul_(0.5)
    return x
