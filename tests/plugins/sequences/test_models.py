"""The models of sequences against torch's own modules with the same weights, and the textbook's."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.plugins.sequences.conftest import WIDTH, embedded, texts
from zoo_core.features.layouts import Sequence


@pytest.mark.parametrize(("name", "cls"), [("rnn", nn.RNN), ("gru", nn.GRU), ("lstm", nn.LSTM)])
@pytest.mark.parametrize("is_bidirectional", [False, True])
def test_recurrent_models_equal_torch(build, name, cls, is_bidirectional):
    module, features = build(name, units=7, layers=2, bidirectional=is_bidirectional), texts(9, 9, 9)
    oracle = cls(100, 7, num_layers=2, bidirectional=is_bidirectional, batch_first=True)
    for layers, suffix in ((module.forwards, ""), (module.backwards, "_reverse")):
        for number, layer in enumerate(layers):
            for key, value in layer.state_dict().items():
                oracle.state_dict()[key.replace("_l0", f"_l{number}") + suffix].copy_(value)
    states, last = oracle(embedded(module, features))
    torch.testing.assert_close(module.states(embedded(module, features), torch.full((3,), 9)), states)
    last = last[0] if name == "lstm" else last
    pooled = torch.cat([last[-2], last[-1]], dim=1) if is_bidirectional else last[-1]
    torch.testing.assert_close(module(features), module.classifier(pooled))


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
def test_recurrent_models_equal_packed_sequences(build, name):
    module, features = build(name, units=5, bidirectional=True, pooling="mean"), texts(4, 1, 9)
    ids, lengths = features.padded()
    layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[name](100, 5, bidirectional=True, batch_first=True)
    for number, suffix in ((0, ""), (1, "_reverse")):
        for key, value in (module.backwards if number else module.forwards)[0].state_dict().items():
            layer.state_dict()[key + suffix].copy_(value)
    packed = nn.utils.rnn.pack_padded_sequence(module.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
    states, _ = nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
    means = states.sum(dim=1) / lengths[:, None]
    torch.testing.assert_close(module(features), module.classifier(means))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_the_transformer_equals_torch(build, activation):
    module, features = build("transformer", units=100, heads=4, feed_forward=256, activation=activation), texts(6, 6)
    states = embedded(module, features) + module.positions.weight[:6]
    for layer in module.layers:
        oracle = nn.TransformerEncoderLayer(
            100, 4, 256, activation=activation, batch_first=True, norm_first=True
        ).eval()
        names = {
            "self_attn.in_proj_weight": layer.projections.weight,
            "self_attn.in_proj_bias": layer.projections.bias,
            "self_attn.out_proj.weight": layer.attended.weight,
            "self_attn.out_proj.bias": layer.attended.bias,
            "linear1.weight": layer.widen.weight,
            "linear1.bias": layer.widen.bias,
            "linear2.weight": layer.narrow.weight,
            "linear2.bias": layer.narrow.bias,
            **{f"norm1.{key}": value for key, value in layer.norm_attention.state_dict().items()},
            **{f"norm2.{key}": value for key, value in layer.norm_feed_forward.state_dict().items()},
        }
        oracle.load_state_dict(names)
        states = oracle(states)
    torch.testing.assert_close(module(features), module.classifier(module.norm(states).mean(dim=1)))


def test_rotary_positions_depend_on_distances_alone(build):
    module = build("transformer", units=8, heads=1, layers=1, positions="rotary")
    queries, keys = torch.randn(2, 1, 1, 10, 8)
    from zoo_sequences.modules.transformer import _rotate, rotation_of

    products = []
    for start in (0, 37):
        rotation = rotation_of(torch.arange(start, start + 10), 8, queries)
        products.append(_rotate(queries, rotation) @ _rotate(keys, rotation).transpose(2, 3))
        torch.testing.assert_close(_rotate(queries, rotation).norm(dim=-1), queries.norm(dim=-1))
    torch.testing.assert_close(products[0], products[1], rtol=1e-4, atol=1e-4)
    turned = Sequence(texts(9).ids.flip(0), torch.tensor([0, 9]), WIDTH)
    assert not torch.allclose(module(texts(9)), module(turned))


def test_without_positions_the_order_does_not_matter(build):
    module = build("transformer", units=8, heads=2, positions="none", pooling="max")
    turned = Sequence(texts(9).ids.flip(0), torch.tensor([0, 9]), WIDTH)
    torch.testing.assert_close(module(texts(9)), module(turned))


def test_the_cnn_equals_kim(build):
    module, features = build("cnn", windows=[2, 5], channels=6), texts(9, 9)
    vectors = embedded(module, features).transpose(1, 2)
    pooled = [functional.relu(layer(vectors)).amax(dim=2) for layer in module.convolutions]
    torch.testing.assert_close(module(features), module.classifier(torch.cat(pooled, dim=1)))


def test_a_window_is_longer_than_the_text(build):
    module, features = build("cnn", windows=[5], channels=6), texts(2)
    vectors = functional.pad(embedded(module, features), (0, 0, 0, 3)).transpose(1, 2)
    pooled = functional.relu(module.convolutions[0](vectors))[..., 0]
    torch.testing.assert_close(module(features), module.classifier(pooled))


@pytest.mark.parametrize("length", [17, 21])
def test_the_stack_equals_the_cnn_of_surnames(build, length):
    """Section 4.4 pads one-hot vectors `(batch, characters, length)`; 17 places become one, 21 become two."""
    module, features = build("conv-stack", channels=8, embedding="one-hot"), texts(length, length)
    ids = features.ids.long().view(2, length)
    one_hot = torch.zeros(2, WIDTH - 1, length)
    for row in range(2):
        for place, id in enumerate(ids[row].tolist()):
            one_hot[row, id - 1, place] = 1
    first, second, third, fourth = module.convolutions
    book = nn.Sequential(first, nn.ELU(), second, nn.ELU(), third, nn.ELU(), fourth, nn.ELU())
    values = book(one_hot)
    assert values.shape[2] == (length - 13) // 4
    values = functional.avg_pool1d(values, values.shape[2]).squeeze(dim=2)
    torch.testing.assert_close(module(features), module.classifier(values))
    strides = [layer.stride for layer in module.convolutions]
    assert [strides, first.in_channels, first.kernel_size] == [[(1,), (2,), (2,), (1,)], WIDTH - 1, (3,)]


def test_batch_normalization_counts_words_alone(build):
    module = build("conv-stack", channels=4, strides=[1], norm="batch")
    module.train()
    both = texts(3, 30)
    module(both)
    values = functional.elu(module.convolutions[0](embedded(module, both.slice(1, 2)).transpose(1, 2)))
    first = functional.elu(module.convolutions[0](embedded(module, both.slice(0, 1)).transpose(1, 2)))
    expected = torch.cat([first[0], values[0]], dim=1).mean(dim=1) * 0.1  # momentum of the running mean
    torch.testing.assert_close(module.norms[0].norm.running_mean, expected)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("name", ["cnn", "conv-stack", "rnn", "gru", "lstm", "transformer"])
def test_padding_changes_no_scores(build, name, pooling):
    settings = {"bidirectional": True, "layers": 2} if name in ("rnn", "gru", "lstm") else {}
    module = build(name, pooling=pooling, **settings)
    features = texts(0, 1, 2, 7, 30)
    alone = torch.cat([module(features.slice(row, row + 1)) for row in range(5)])
    assert torch.isfinite(alone).all()
    torch.testing.assert_close(module(features), alone)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_pooling_of_three_words(pooling):
    from zoo_sequences.modules.pooling import Pool

    torch.manual_seed(3)
    pool, vectors = Pool(pooling, 4), torch.randn(1, 5, 4)
    words = vectors[0, :3]
    expected = {"last": words[2], "mean": words.mean(dim=0), "max": words.amax(dim=0)}
    if pooling == "attention":
        weights = (torch.tanh(pool.hidden(words)) @ pool.context.weight[0]).softmax(dim=0)
        expected["attention"] = weights @ words
    torch.testing.assert_close(pool(vectors, torch.tensor([3]))[0], expected[pooling])


def test_words_after_the_last_position_share_it(build):
    module = build("transformer", max_positions=4)
    longer = build("transformer", max_positions=600)
    first = module.positions.weight
    shared = torch.cat([first, first[3:].expand(596, -1)])
    longer.load_state_dict({**module.state_dict(), "positions.weight": shared})
    for length in (3, 4, 5, 600):
        torch.testing.assert_close(module(texts(length)), longer(texts(length)))
