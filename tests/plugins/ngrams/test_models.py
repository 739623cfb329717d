"""Models for many sparse features, and their scheduler, against plain torch."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense
from zoo_ngrams.models import EmbeddingBag, Linear
from zoo_ngrams.schedulers import LinearDecay
from zoo_textbook.optimizers import SGD

WIDTH = 7
OUTPUTS = [1, 2, 5, 20]


def bag(weights=True, rows=((0, 3), (), (6, 1, 2), (5,))):
    lengths = torch.tensor([0, *map(len, rows)])
    ids = torch.tensor([i for row in rows for i in row], dtype=torch.int32)
    values = torch.rand(len(ids), generator=torch.Generator().manual_seed(1)) + 0.5 if weights else None
    return Bag(ids, lengths.cumsum(0), values, WIDTH)


def filled(module):
    """The module with other weights than those it begins with."""
    random = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random))
    return module


def test_linear_is_initialized_to_0():
    module = Linear().build(num_features=WIDTH, num_outputs=3)
    assert sorted(p.numel() for p in module.parameters()) == [3, WIDTH * 3]
    assert all(not p.any() for p in module.parameters())
    assert torch.equal(module(bag()), torch.zeros(4, 3))


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("weights", [True, False])
def test_linear_equals_torch_on_the_dense_matrix(outputs, weights):
    module = filled(Linear().build(num_features=WIDTH, num_outputs=outputs))
    plain = nn.Linear(WIDTH, outputs)
    with torch.no_grad():
        plain.weight.copy_(module.weight.T)
        plain.bias.copy_(module.bias)
    dense = bag(weights).to_dense()
    expected = plain(dense)
    expected.sin().sum().backward()
    for features in (bag(weights), Dense(dense)):
        module.zero_grad()
        learning_rates = module(features)
        assert learning_rates.shape == (4, outputs)
        torch.testing.assert_close(learning_rates, expected)
        learning_rates.sin().sum().backward()
        torch.testing.assert_close(module.weight.grad, plain.weight.grad.T)
        torch.testing.assert_close(module.bias.grad, plain.bias.grad)


@pytest.mark.parametrize("weights", [True, False])
def test_embedding_bag_is_a_mean_and_a_linear_layer(weights):
    module = filled(EmbeddingBag(dimensions=4).build(num_features=WIDTH, num_outputs=3))
    features = bag(weights)
    expected = []
    for row in range(len(features)):
        at = slice(int(features.offsets[row]), int(features.offsets[row + 1]))
        vectors, share = module.embedding[features.ids[at].long()], features.weights_or_ones()[at]
        mean = (vectors * share[:, None]).sum(dim=0) / share.sum() if len(share) else torch.zeros(4)
        expected.append(nn.functional.linear(mean, module.top.weight, module.top.bias))
    torch.testing.assert_close(module(features), torch.stack(expected))


def test_embedding_bag_without_weights_is_the_mean():
    module = filled(EmbeddingBag(dimensions=4).build(num_features=WIDTH, num_outputs=2))
    learning_rates = module(bag(False, rows=((1, 4, 6),)))
    torch.testing.assert_close(learning_rates, module.top(module.embedding[[1, 4, 6]].mean(dim=0, keepdim=True)))


def test_a_text_without_features_gets_the_bias():
    module = filled(EmbeddingBag().build(num_features=WIDTH, num_outputs=2))
    learning_rates = module(bag(rows=((), ())))
    torch.testing.assert_close(learning_rates, module.top.bias.expand(2, 2))


def test_embeddings_are_initialized_within_the_bound():
    module = EmbeddingBag(dimensions=8).build(num_features=500, num_outputs=2)
    largest = float(module.embedding.detach().abs().max())
    assert 0.9 / 8 < largest <= 1 / 8
    assert not module.top.weight.any() and not module.top.bias.any()


def test_the_gradient_of_embeddings_is_sparse():
    assert EmbeddingBag.sparse_gradients
    module = filled(EmbeddingBag(dimensions=4).build(num_features=WIDTH, num_outputs=2))
    module(bag()).sin().sum().backward()
    gradient = module.embedding.grad
    assert gradient.is_sparse
    touched = gradient.to_dense().abs().sum(dim=1) > 0
    assert touched.tolist() == [i in (0, 3, 6, 1, 2, 5) for i in range(WIDTH)]
    twin = module.embedding.detach().clone().requires_grad_()
    share = bag().to_dense()
    mean = (share @ twin) / share.sum(dim=1, keepdim=True).clamp(min=1e-12)
    nn.functional.linear(mean, module.top.weight, module.top.bias).sin().sum().backward()
    torch.testing.assert_close(gradient.to_dense(), twin.grad)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_embedding_bag_trains_with_sgd(momentum):
    torch.manual_seed(3)
    module = EmbeddingBag(dimensions=4).build(num_features=WIDTH, num_outputs=2)
    optimizer = SGD(lr=0.5, momentum=momentum)
    assert optimizer.accepts_sparse_gradients()
    stepper = optimizer.build(module.parameters())
    before = module.embedding.detach().clone()
    rows, targets = bag(rows=((0, 1), (2,), (3, 4), (5, 0), (4,))), torch.tensor([0, 0, 1, 0, 1])
    for _ in range(60):
        stepper.zero_grad()
        nn.functional.cross_entropy(module(rows), targets).backward()
        stepper.step()
    assert module(rows).argmax(dim=1).tolist() == targets.tolist()
    moved = (module.embedding != before).any(dim=1)
    assert moved.tolist() == [True] * 6 + [False]  # no text holds feature 6


def rates(floor, epochs, steps, further=0):
    """The learning rate of each step."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.8)
    schedule = LinearDecay(floor=floor).build(optimizer, epochs=epochs, steps_per_epoch=steps)
    learning_rates = []
    for _ in range(epochs * steps + further):
        learning_rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return [*learning_rates, optimizer.param_groups[0]["lr"]]


def test_linear_decay_values():
    assert rates(0.0, 2, 2) == pytest.approx([0.8, 0.6, 0.4, 0.2, 0.0])
    assert rates(0.5, 1, 4) == pytest.approx([0.8, 0.7, 0.6, 0.5, 0.4])
    assert rates(0.25, 1, 1, further=2) == pytest.approx([0.8, 0.2, 0.2, 0.2])


@given(st.floats(0, 0.99), st.integers(1, 4), st.integers(1, 5))
def test_linear_decay_is_a_straight_line(floor, epochs, steps):
    total = epochs * steps
    expected = [0.8 * (1 - t / total * (1 - floor)) for t in range(total + 1)]
    assert rates(floor, epochs, steps) == pytest.approx(expected)
    assert LinearDecay.interval == "batch"
