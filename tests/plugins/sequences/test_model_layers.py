"""Parts of the models of sequences: where values are dropped, hidden layers, rotary positions, the last words."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from tests.plugins.sequences.conftest import embedded, texts
from zoo_sequences.modules.embeddings import HashedVectors, random_table

RECURRENT = {"units": 5, "layers": 3, "hidden": [7]}
BETWEEN = [(2, 6, 5)] * 2  # recurrent layers, as torch's setting `dropout` does
PLACES = {
    "cnn": ({"windows": [2, 3], "channels": 4, "hidden": [7]}, [(2, 8), (2, 7)]),
    "conv-stack": ({"channels": 4, "hidden": [7]}, [(2, 4), (2, 7)]),
    "rnn": (RECURRENT, [*BETWEEN, (2, 5), (2, 7)]),
    "gru": (RECURRENT, [*BETWEEN, (2, 5), (2, 7)]),
    "lstm": ({**RECURRENT, "bidirectional": True}, [*[(2, 6, 10)] * 2, (2, 10), (2, 7)]),
    "transformer": (
        {"units": 8, "layers": 1, "heads": 2, "feed_forward": 9, "hidden": [7]},
        [(2, 6, 8), (2, 6, 8), (2, 6, 9), (2, 6, 8), (2, 8), (2, 7)],  # embedding, attention, feed-forward twice
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_values_are_dropped(build, name, monkeypatch):
    settings, expected = PLACES[name]
    module, shapes = build(name, dropout=0.25, **settings).train(), []

    def note(values, p=0.5, training=True, inplace=False):
        assert (p, training) == (0.25, True)
        shapes.append(tuple(values.shape))
        return values

    monkeypatch.setattr(functional, "dropout", note)
    module(texts(6, 6))
    assert shapes == expected


@pytest.mark.parametrize(
    ("name", "settings", "activation"),
    [
        ("cnn", {"activation": "tanh"}, torch.tanh),
        ("conv-stack", {"activation": "elu", "hidden_activation": "tanh"}, torch.tanh),
        ("gru", {"hidden_activation": "tanh"}, torch.tanh),
        ("transformer", {"activation": "tanh"}, torch.tanh),
    ],
)
def test_hidden_layers_have_their_activation(build, name, settings, activation):
    classifier = build(name, hidden=[7, 6], **settings).classifier
    first, second, last = (layer for layer in classifier if isinstance(layer, torch.nn.Linear))
    pooled = torch.randn(3, first.in_features)
    expected = last(activation(second(activation(first(pooled)))))
    torch.testing.assert_close(classifier(pooled), expected)


def test_rotary_positions_turn_queries_and_keys_as_complex_numbers(build):
    """Su et al. 2021, section 3.2.2: a pair of values is a complex number, turned by position / 10000^(2i/d)."""
    module = build("transformer", units=8, heads=2, layers=1, positions="rotary")
    layer, features = module.layers[0], texts(9, 9)
    states = module.project(embedded(module, features))
    parts = layer.projections(layer.norm_attention(states)).view(2, 9, 3, 2, 4).permute(2, 0, 3, 1, 4)
    angles = torch.arange(9)[:, None] / torch.tensor([1.0, 10_000 ** (2 / 4)])
    turned = [
        torch.view_as_real(torch.complex(part[..., :2], part[..., 2:]) * torch.polar(torch.ones(9, 2), angles))
        for part in parts[:2]
    ]
    queries, keys = (torch.cat([part[..., 0], part[..., 1]], dim=3) for part in turned)
    attended = (queries @ keys.transpose(2, 3) / 4**0.5).softmax(dim=3) @ parts[2]
    states = states + layer.attended(attended.transpose(1, 2).reshape(2, 9, 8))
    wide = functional.gelu(layer.widen(layer.norm_feed_forward(states)))
    expected = module.norm(states + layer.narrow(wide)).mean(dim=1)
    torch.testing.assert_close(module(features), module.classifier(expected))


@pytest.mark.parametrize("length", range(1, 24))
def test_every_word_counts_in_a_stack_with_strides(build, length):
    module = build("conv-stack", channels=8)
    vectors = torch.randn(1, length, 100, requires_grad=True)
    module.score(vectors, torch.tensor([length])).sum().backward()
    assert vectors.grad.abs().sum(dim=2).ne(0).all()


def test_first_values_have_their_scale():
    torch.manual_seed(4)
    assert float(random_table(400, 50, 0.1).weight.detach()[1:].std()) == pytest.approx(0.1, rel=0.05)
    hashed = HashedVectors([str(number) for number in range(400)], 50, buckets=300, hashes=2, scale=0.3)
    assert float(hashed.vectors.weight.detach().std()) == pytest.approx(0.3, rel=0.05)
