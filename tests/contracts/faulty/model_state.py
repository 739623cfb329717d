"""Models with a fault in their state, their devices, their modes or their random numbers."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tests.contracts.faulty import faulty
from tests.contracts.faulty.model_layouts import Stack, built, layer, mask
from tests.contracts.faulty.models import embedded
from zoo_ngrams.models import EmbeddingBag

SHARED = {}


def counted_mean(m, x):
    """A mean whose positions are counted on the CPU."""
    ids, lengths = x.padded()
    keep = (torch.arange(ids.shape[1]) < lengths[:, None])[:, :, None]
    return m.out((m.e(ids) * keep).sum(1) / lengths.clamp(min=1)[:, None])


def sums_from_zeros(m, x):
    total = torch.zeros(len(x), m.inner.out_features)
    return total + m.inner(x.values)


def by_numpy(m, x):
    return m.inner(x.values) + torch.from_numpy(np.log1p(x.values.detach().numpy() ** 2)).sum(1, keepdim=True)


class Recurrent(nn.Module):
    """A GRU that keeps its hidden state for the next batch of the same size."""

    def __init__(self, features, outputs):
        super().__init__()
        self.e, self.rnn = nn.Embedding(features, 8), nn.GRU(8, 8, batch_first=True)
        self.out, self.hidden = nn.Linear(8, outputs), None

    def forward(self, x):
        ids, _ = x.padded()
        hidden = self.hidden if self.hidden is not None and self.hidden.shape[1] == len(x) else None
        states, self.hidden = self.rnn(self.e(ids), hidden)
        self.hidden = self.hidden.detach()
        keep = mask(x)[:, :, None].to(states.dtype)
        return self.out((states * keep).sum(1) / keep.sum(1).clamp(min=1))


def cached_by_size(m, x):
    if m.training:
        return m.inner(x.values)
    if m.size != len(x):
        m.size, m.scores = len(x), m.inner(x.values)
    return m.scores


def cached_weights(m, x):
    if m.weight is None:
        m.weight = m.inner.weight.detach().softmax(1)
    return x.values @ m.weight.T.to(x.values.dtype) + m.inner(x.values)


def running_mean(m, x):
    if m.training:
        m.center = (m.center * 0.9).to(x.values) + x.values.detach().mean(0) * 0.1
    return m.inner(x.values - m.center.to(x.values))


def normalized(m, x):
    if m.training:
        m.mean.mul_(0.9).add_(0.1 * x.values.detach().mean(0))
    return m.inner(x.values - m.mean)


class Statistics(nn.Module):
    def __init__(self, features, outputs):
        super().__init__()
        self.inner = nn.Linear(features, outputs)
        self.register_buffer("mean", torch.zeros(features), persistent=False)

    def forward(self, x):
        return normalized(self, x)


class Lazy(nn.Module):
    def __init__(self, features, outputs):
        super().__init__()
        self.outputs, self.inner = outputs, None

    def forward(self, x):
        if self.inner is None:
            self.inner = nn.Linear(x.values.shape[1], self.outputs).to(x.values)
        return self.inner(x.values)


class InDict(nn.Module):
    def __init__(self, features, outputs):
        super().__init__()
        self.first = nn.Linear(features, 8)
        self.heads = {"main": nn.Linear(8, outputs)}

    def forward(self, x):
        return self.heads["main"].to(x.values)(self.first(x.values).tanh())


def halved_in_training(m, x):
    if m.training:
        x.values.mul_(0.5)
    return m.inner(x.values)


def centered_at_many_rows(m, x):
    if len(x) > 100:
        x.values.sub_(x.values.mean(1, keepdim=True))
    return m.inner(x.values)


def scaled_weights(m, x):
    weights = x.weights
    if weights is not None:
        weights.div_(weights.sum().clamp(min=1))
    return functional.embedding_bag(
        x.ids.long(),
        m.inner.weight.T,
        x.offsets,
        mode="sum",
        per_sample_weights=x.weights_or_ones().to(m.inner.weight),
        include_last_offset=True,
    )


def dropout_by(draw):
    def call(m, x):
        values = x.values * (torch.tensor([draw() for _ in range(x.values.shape[1])]) > 0.5) if m.training else x.values
        return m.inner(values)

    return call


def own_generator(f, o):
    return {"generator": torch.Generator().manual_seed(0)}


def dropout_with_own_generator(m, x):
    if not m.training:
        return m.inner(x.values)
    return m.inner(x.values * (torch.rand(x.values.shape, generator=m.generator) > 0.5).to(x.values))


def reseeded_dropout(m, x):
    torch.manual_seed(0)
    return m.inner(functional.dropout(x.values, 0.5, m.training))


def fixed_seed(features, outputs):
    module = Stack(nn.Linear(features, outputs))
    nn.init.normal_(module[0].weight, generator=torch.Generator().manual_seed(0))
    nn.init.zeros_(module[0].bias)
    return module


def reseeds(features, outputs):
    torch.manual_seed(42)
    return Stack(nn.Linear(features, outputs))


def from_numpy_seed(features, outputs):
    module = Stack(nn.Linear(features, outputs))
    noise = np.random.default_rng(0).normal(size=(outputs, features)).astype("float32")
    with torch.no_grad():
        module[0].weight.copy_(torch.from_numpy(noise))
        module[0].bias.zero_()
    return module


def all_zero(features, outputs):
    module = Stack(nn.Linear(features, 8), nn.Tanh(), nn.Linear(8, outputs))
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


def shared_layer(features, outputs):
    key = (features, outputs)
    if key not in SHARED:
        SHARED[key] = nn.Linear(features, outputs)
    return Stack(SHARED[key])


def extra_state(features, outputs):
    class Extra(Stack):
        def get_extra_state(self):
            return {"classes": outputs}

        def set_extra_state(self, state):
            pass

    return Extra(nn.Linear(features, outputs))


SLOW = True
SOUND = []
FAULTS = [
    ("runs-on-another-device", "zeros on the CPU", layer(sums_from_zeros)),
    ("runs-on-another-device", "positions counted on the CPU", embedded(counted_mean)),
    ("runs-on-another-device", "a constant that is not a buffer", layer(
        lambda m, x: m.inner(x.values) * m.scale, make=lambda f, o: {"scale": torch.full((o,), 2.0)})),
    ("runs-on-another-device", "computes in NumPy", layer(by_numpy)),
    ("runs-on-another-device", "reads a number out of a tensor", layer(
        lambda m, x: m.inner(x.values) * float(1 + x.values.detach().abs().max().item() * 0))),
    ("runs-on-another-device", "a mask made from a list", layer(
        lambda m, x: m.inner(x.values) * torch.tensor([1.0] * m.inner.out_features))),
    ("runs-on-another-device", "moves the scores to the CPU", layer(lambda m, x: m.inner(x.values).cpu())),
    ("keeps-nothing-between-calls", "the hidden state of the last batch", built(Recurrent, "sequence")),
    ("keeps-nothing-between-calls", "the scores of a batch of the same size", layer(
        cached_by_size, make=lambda f, o: {"size": 0, "scores": None})),
    ("keeps-nothing-between-calls", "weights computed once", layer(cached_weights, make=lambda f, o: {"weight": None})),
    ("keeps-nothing-between-calls", "a running mean outside of its state", layer(
        running_mean, make=lambda f, o: {"center": torch.zeros(f)})),
    ("keeps-nothing-between-calls", "dropout from a generator of its own", layer(
        dropout_with_own_generator, make=own_generator)),
    ("state-round-trip", "statistics in a buffer that is not saved", built(Statistics)),
    ("state-round-trip", "layers made in the first call", built(Lazy)),
    ("state-round-trip", "layers in a dictionary", built(InDict)),
    ("state-round-trip", "state that is no tensor", built(extra_state)),
    ("does-not-modify-input", "changes its input in training only", layer(halved_in_training)),
    ("does-not-modify-input", "changes its input at many rows only", layer(centered_at_many_rows)),
    ("does-not-modify-input", "changes the weights of a bag", layer(scaled_weights, "bag")),
    ("evaluation-mode-is-repeatable", "functional dropout without its mode", layer(
        lambda m, x: m.inner(functional.dropout(x.values, 0.3)))),
    ("evaluation-mode-is-repeatable", "dropout of one feature in a thousand", layer(
        lambda m, x: m.inner(functional.dropout(x.values, 0.001)))),
    ("deterministic", "dropout by NumPy", layer(dropout_by(np.random.rand))),
    ("deterministic", "dropout by Python", layer(dropout_by(random.random))),
    ("deterministic", "dropout at many rows from a seed of the clock", layer(
        lambda m, x: m.inner(x.values) * (1 if len(x) < 100 else 1 + torch.rand((), generator=_seeded_by_clock())))),
    ("weights-follow-the-seed", "weights from a generator of their own", built(fixed_seed)),
    ("weights-follow-the-seed", "seeds the generator of everybody", built(reseeds)),
    ("weights-follow-the-seed", "weights from a fixed seed of NumPy", built(from_numpy_seed)),
    ("learns-a-tiny-task", "every weight is 0", built(all_zero)),
    ("builds-do-not-share-parameters", "a layer in a cache of the module", built(shared_layer)),
    ("sparse-gradients-as-declared", "sparse gradients that it does not declare", faulty(
        EmbeddingBag, sparse_gradients=False)),
    ("sparse-gradients-as-declared", "declares sparse gradients that are dense", layer(
        lambda m, x: m.inner(x.values), sparse_gradients=True)),
]  # fmt: skip


def _seeded_by_clock():
    generator = torch.Generator()
    generator.seed()
    return generator
