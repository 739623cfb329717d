"""Models with a fault in what they do with rows, lengths, widths and outputs."""

from __future__ import annotations

import torch
from torch import nn

from tests.contracts.faulty import faulty
from tests.contracts.faulty.models import embedded, of
from zoo_core.features.bag import Bag
from zoo_textbook.models import Perceptron


def built(module, *layouts, **members):
    """A model whose module is `module(features, outputs)`, by default on dense matrices."""

    def build(self, *, num_features, num_outputs):
        return module(num_features, num_outputs)

    own = {"build": build, "accepts": layouts or ("dense",), "output_form": lambda self: "logits"}
    return faulty(Perceptron, **{**own, **members})


def layer(call, *layouts, make=lambda features, outputs: {}, **members):
    """A linear layer `m.inner` and the parts that `make(features, outputs)` returns, used by `call(m, features)`."""

    class Layer(nn.Module):
        def __init__(self, features, outputs):
            super().__init__()
            self.inner = nn.Linear(features, outputs)
            for name, part in make(features, outputs).items():
                setattr(self, name, part)

        def forward(self, x):
            return call(self, x)

    return built(Layer, *layouts, **members)


def mask(x):
    ids, lengths = x.padded()
    return torch.arange(ids.shape[1], device=ids.device)[None, :] < lengths[:, None]


def mean(m, x, ids, keep):
    keep = keep[:, :, None].to(m.e.weight.dtype)
    return m.out((m.e(ids) * keep).sum(1) / keep.sum(1).clamp(min=1))


def cut(count):
    def call(m, x):
        ids, _ = x.padded()
        return mean(m, x, ids[:, :count], mask(x)[:, :count])

    return call


def every_second(m, x):
    return mean(m, x, x.padded()[0][:, ::2], mask(x)[:, ::2])


def longest_first(m, x):
    """Sorts a large batch by length, and does not restore the order."""
    scores = mean(m, x, x.padded()[0], mask(x))
    return scores[x.lengths().argsort(descending=True)] if len(x) > 64 else scores


def pooled(m, x):
    return m.out(m.e(x.padded()[0]).amax(1))


def attention(m, x):
    """Attention over the padding, too: the weights of all positions sum to 1."""
    vectors = m.e(x.padded()[0])
    return m.out((vectors.mean(2, True).softmax(1) * vectors).sum(1))


def masked_attention(m, x):
    ids, _ = x.padded()
    vectors = m.e(ids)
    weights = vectors.mean(2, True).masked_fill(~mask(x)[:, :, None], float("-inf")).softmax(1)
    return m.out((weights * vectors).sum(1))  # NaN for a text without words


def last_token(m, x):
    ids, _ = x.padded()
    return m.out(m.e(ids)[:, -1])


def bag_with_padding(features, outputs):
    class Padded(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag = nn.EmbeddingBag(features, outputs, mode="sum", padding_idx=0, include_last_offset=True)

        def forward(self, x):
            return self.bag(x.ids.long(), x.offsets, x.weights_or_ones().to(self.bag.weight.dtype))

    return Padded()


def most_entries(m, x):
    """Keeps 64 features of a row."""
    kept = [x.slice(i, i + 1) for i in range(len(x))]
    ids = [row.ids[:64] for row in kept]
    offsets = torch.tensor([0, *map(len, ids)]).cumsum(0)
    return m.inner(Bag(torch.cat(ids), offsets, torch.cat([row.weights_or_ones()[:64] for row in kept]), x.width))


def normalized_length(m, x):
    return m.inner(x.values / x.values.norm(dim=1, keepdim=True))


def in_chunks(m, x):
    return torch.cat([m.inner(chunk) for chunk in x.values.split(200)[:2]])


def six_dead(features, outputs):
    return {"extra": nn.Parameter(torch.zeros(outputs))}


SLOW = True
SOUND = []
FAULTS = [
    ("batch-equals-rows", "batch statistics, from 256 rows on", layer(
        lambda m, x: m.inner(x.values - (x.values.mean(0) if len(x) >= 256 else 0)))),
    ("batch-equals-rows", "sorts a large batch and does not restore the order", embedded(longest_first)),
    ("batch-equals-rows", "the largest score of the batch subtracted", layer(
        lambda m, x: m.inner(x.values) - m.inner(x.values).max())),
    ("batch-equals-rows", "batch normalization without running statistics", layer(
        lambda m, x: m.inner(m.norm(x.values) if len(x) > 1 else x.values),
        make=lambda f, o: {"norm": nn.BatchNorm1d(f, track_running_stats=False)})),
    ("shape-of-scores", "a batch cut into two pieces at most", layer(in_chunks)),
    ("shape-of-scores", "squeezes a width of one", layer(
        lambda m, x: m.inner(x.values.squeeze(1)) if len(x) > 1 else m.inner(x.values))),
    ("uses-every-feature", "a hidden layer of an eighth of the width", built(
        lambda f, o: Stack(nn.Linear(f, f // 8), nn.Tanh(), nn.Linear(f // 8, o)))),
    ("shape-of-scores", "at most three outputs", layer(lambda m, x: m.inner(x.values)[:, :3])),
    ("shape-of-scores", "a fixed number of outputs from five on", built(lambda f, o: Stack(nn.Linear(f, min(o, 5))))),
    ("shape-of-scores", "reshaped by a fixed width", layer(
        lambda m, x: m.inner(x.values.reshape(-1, 64)) if x.values.shape[1] > 64 else m.inner(x.values))),
    ("ignores-padding", "max pooling over the padding", embedded(pooled)),
    ("ignores-padding", "attention to the padding", embedded(attention)),
    ("ignores-padding", "the last column instead of the last word", embedded(last_token)),
    ("finite-scores", "a softmax over no words", embedded(masked_attention)),
    ("finite-scores", "divides by the norm of an empty row", layer(normalized_length)),
    ("finite-scores", "exponentials that overflow", layer(lambda m, x: torch.exp(m.inner(x.values) * 100).log())),
    ("finite-gradients", "the root of a sum that may be 0", layer(
        lambda m, x: m.inner(x.values) + (x.values.square() @ m.scale.square()).sqrt()[:, None],
        make=lambda f, o: {"scale": nn.Parameter(torch.full((f,), 0.1))})),
    ("uses-every-token", "only the first 100 words", embedded(cut(100))),
    ("uses-every-token", "every second word", embedded(every_second)),
    ("uses-every-token", "only the first 512 words", embedded(cut(512))),
    ("uses-every-feature", "the first feature as padding", built(bag_with_padding, "bag")),
    ("uses-every-feature", "only 64 features of a row", of(most_entries, accepts=("bag",))),
    ("uses-every-feature", "not the last feature", layer(
        lambda m, x: m.inner(torch.cat([x.values[:, :-1], torch.zeros_like(x.values[:, -1:])], 1)))),
    ("uses-every-feature", "only the first thousand features", layer(
        lambda m, x: m.inner(x.values * (torch.arange(x.values.shape[1], device=x.values.device) < 512)))),
    ("gradient-reaches-every-parameter", "a bias that is used for less than six classes only", layer(
        lambda m, x: m.inner(x.values) + (m.extra if m.extra.numel() < 6 else 0), make=six_dead)),
    ("type-of-scores", "a constant of float64", layer(
        lambda m, x: m.inner(x.values) * x.values.new_ones(1, dtype=torch.float64))),
    ("type-of-scores", "half precision", layer(lambda m, x: m.inner(x.values).half())),
    ("form-of-scores-as-declared", "probabilities, declared as logits", layer(
        lambda m, x: m.inner(x.values).softmax(1))),
    ("form-of-scores-as-declared", "a sigmoid, declared as logits", layer(lambda m, x: m.inner(x.values).sigmoid())),
    ("form-of-scores-as-declared", "scores clamped to 3", layer(lambda m, x: m.inner(x.values).clamp(-3, 3))),
    ("form-of-scores-as-declared", "logits, declared as probabilities", layer(
        lambda m, x: m.inner(x.values), output_form=lambda self: "probabilities")),
]  # fmt: skip


class Stack(nn.Sequential):
    def forward(self, x):
        return super().forward(x.values)
