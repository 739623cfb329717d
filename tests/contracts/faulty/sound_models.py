"""Models that are sound and unlike the built-in ones: for them no check may fail."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import nn
from torch.nn import functional

from tests.contracts.faulty import faulty
from tests.contracts.faulty.model_layouts import built, mask
from zoo_core import Model, slot
from zoo_core.features.bag_layers import BagLinear
from zoo_textbook.models import Perceptron

SIZE = 8


class TextCNN(nn.Module):
    """Convolutions of three sizes over embeddings and max pooling over the windows that begin in the text."""

    def __init__(self, features, outputs):
        super().__init__()
        self.embedding = nn.Embedding(features, SIZE, padding_idx=0)
        self.convolutions = nn.ModuleList(nn.Conv1d(SIZE, SIZE, size) for size in (2, 3, 4))
        self.dropout, self.out = nn.Dropout(0.5), nn.Linear(3 * SIZE, outputs)

    def forward(self, x):
        ids, lengths = x.padded(to=4)
        keep = torch.arange(ids.shape[1], device=ids.device)[None, :] < lengths.clamp(min=1)[:, None]
        vectors = (self.embedding(ids) * keep[:, :, None]).transpose(1, 2)  # (batch, size, length)
        pooled = []
        for convolution in self.convolutions:
            size = convolution.kernel_size[0]
            windows = convolution(functional.pad(vectors, (0, size - 1))).relu()
            pooled.append((windows * keep[:, None, :]).amax(2))
        return self.out(self.dropout(torch.cat(pooled, 1)))


class Recurrent(nn.Module):
    """The last states of a recurrent layer in both directions, over packed sequences."""

    def __init__(self, features, outputs, cell=nn.GRU):
        super().__init__()
        self.embedding = nn.Embedding(features, SIZE)
        self.rnn = cell(SIZE, SIZE, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * SIZE, outputs)

    def forward(self, x):
        ids, lengths = x.padded()
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
        )
        _, state = self.rnn(packed)
        state = state[0] if isinstance(state, tuple) else state
        return self.out(torch.cat(list(state), 1))


class Attention(nn.Module):
    """The mean of embeddings, weighted by attention; 0 for a text without words."""

    def __init__(self, features, outputs):
        super().__init__()
        self.embedding, self.query = nn.Embedding(features, SIZE), nn.Parameter(torch.randn(SIZE))
        self.out = nn.Linear(SIZE, outputs)

    def forward(self, x):
        ids, _ = x.padded()
        vectors, keep = self.embedding(ids), mask(x)
        scores = (vectors @ self.query).masked_fill(~keep, -1e4)
        weights = scores.softmax(1) * keep
        return self.out((weights[:, :, None] * vectors).sum(1))


class Averaging(nn.Module):
    """A deep averaging network with layer normalization, dropout of words, and a highway layer."""

    def __init__(self, features, outputs):
        super().__init__()
        self.embedding, self.norm = nn.Embedding(features, SIZE), nn.LayerNorm(SIZE)
        self.hidden, self.gate = nn.Linear(SIZE, SIZE), nn.Linear(SIZE, SIZE)
        self.out = nn.Linear(SIZE, outputs)

    def forward(self, x):
        ids, _ = x.padded()
        keep = mask(x).to(self.out.weight.dtype)
        if self.training:
            keep = keep * (torch.rand_like(keep) > 0.3)
        mean = (self.embedding(ids) * keep[:, :, None]).sum(1) / keep.sum(1, keepdim=True).clamp(min=1)
        values = self.norm(mean)
        gate = self.gate(values).sigmoid()
        return self.out(gate * self.hidden(values).tanh() + (1 - gate) * values)


class FastText(nn.Module):
    """torch's EmbeddingBag with sparse gradients."""

    def __init__(self, features, outputs):
        super().__init__()
        self.bag = nn.EmbeddingBag(features, SIZE, mode="sum", sparse=True, include_last_offset=True)
        self.out = nn.Linear(SIZE, outputs)

    def forward(self, x):
        weights = x.weights_or_ones().to(self.bag.weight.dtype)
        total = self.bag(x.ids.long(), x.offsets, per_sample_weights=weights)
        return self.out(total / x.lengths().clamp(min=1)[:, None])


class Factorized(nn.Module):
    """A factorization machine: a linear part and the products of pairs of features, on bags and dense matrices."""

    def __init__(self, features, outputs):
        super().__init__()
        self.linear, self.factors = BagLinear(features, outputs), nn.Parameter(torch.randn(features, 4) * 0.1)
        self.out = nn.Linear(4, outputs)

    def forward(self, x):
        values = x.to_dense().to(self.factors.dtype) if x.layout == "bag" else x.values
        pairs = (values @ self.factors).square() - values.square() @ self.factors.square()
        return self.linear(x) + self.out(pairs / 2)


class Normalized(nn.Module):
    """Batch normalization and dropout, with frozen weights in front."""

    def __init__(self, features, outputs):
        super().__init__()
        self.frozen = nn.Linear(features, SIZE).requires_grad_(False)
        self.first, self.norm = nn.Linear(features, SIZE), nn.BatchNorm1d(SIZE)
        self.dropout, self.out = nn.Dropout(0.5), nn.Linear(SIZE, outputs)

    def forward(self, x):
        return self.out(self.dropout(self.norm(self.first(x.values) + self.frozen(x.values)).relu()))


class Tied(nn.Module):
    """One matrix as embedding and, by its transpose, as the last layer of a bottleneck; not contiguous in memory."""

    def __init__(self, features, outputs):
        super().__init__()
        self.embedding = nn.Linear(features, SIZE)
        self.again = nn.Linear(SIZE, features, bias=False)
        self.again.weight = nn.Parameter(self.embedding.weight.detach().T)
        self.same = self.embedding
        self.out = nn.Linear(features, outputs)

    def forward(self, x):
        return self.out(x.values + self.again(self.same(x.values).tanh()))


@frozen
class Wrapper(Model):
    """A model in the slot of a model: its scores scaled.

    Source: the tests of the conformance kit."""

    name = "faulty"
    accepts = ("bag", "dense")
    inner: Model = slot("perceptron", "the model whose scores are scaled")

    def accepted_layouts(self):
        return self.inner.accepted_layouts()

    def has_sparse_gradients(self):
        return self.inner.has_sparse_gradients()

    def build(self, *, num_features, num_outputs):
        return Scaled(self.inner.build(num_features=num_features, num_outputs=num_outputs))


class Scaled(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner, self.factor = inner, nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.inner(x) * self.factor


class Distribution(nn.Module):
    def __init__(self, features, outputs):
        super().__init__()
        self.inner = BagLinear(features, outputs)

    def forward(self, x):
        return self.inner(x).softmax(1)


SLOW = True
SOUND = [
    built(TextCNN, "sequence"),
    built(Recurrent, "sequence"),
    built(lambda features, outputs: Recurrent(features, outputs, nn.LSTM), "sequence"),
    built(Attention, "sequence"),
    built(Averaging, "sequence"),
    built(FastText, "bag", sparse_gradients=True),
    built(Factorized, "bag", "dense"),
    built(Normalized),
    built(Tied),
    built(Distribution, "bag", "dense", output_form=lambda self: "distribution"),
    Wrapper,
    faulty(Perceptron),
]
FAULTS = [
    (
        "follows-the-model-in-its-slot",
        "the layouts of the default in its slot",
        faulty(Wrapper, accepted_layouts=lambda self: ("bag", "dense")),
    ),
    (
        "follows-the-model-in-its-slot",
        "the gradients of the default in its slot",
        faulty(Wrapper, has_sparse_gradients=lambda self: False),
    ),
]
