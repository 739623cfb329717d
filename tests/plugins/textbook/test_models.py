"""The perceptron and the multilayer perceptron against plain torch on the dense matrix."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense
from zoo_textbook.activations import Identity, PReLU, ReLU, Sigmoid, Softmax, Tanh
from zoo_textbook.models import MLP, Perceptron

WIDTH = 7


def bag(weights):
    ids = torch.tensor([0, 3, 1, 2, 6, 5, 0], dtype=torch.int32)
    values = torch.tensor([0.5, 2, -1, 1, 3, 0.25, 1]) if weights else None
    return Bag(ids, torch.tensor([0, 2, 2, 5, 7]), values, WIDTH)


def copy_first_layer(first, plain):
    """A plain layer with the numbers of a model's first."""
    with torch.no_grad():
        plain.weight.copy_(first.linear.weight.T)
        plain.bias.copy_(first.linear.bias)
    return plain


def plain_mlp(module, activations):
    """The same network of torch's own layers, sharing none of its code."""
    linears = [layer for layer in module.rest if isinstance(layer, nn.Linear)]
    first = copy_first_layer(module.first, nn.Linear(WIDTH, linears[0].in_features))
    layers = [first]
    for activation, linear in zip(activations, linears, strict=True):
        reference = nn.Linear(linear.in_features, linear.out_features)
        reference.load_state_dict(linear.state_dict())
        layers += [activation, reference]
    return nn.Sequential(*layers)


def assert_agree(module, plain, first, plain_first):
    """The same scores and the same gradients, of a Bag with and without weights and of a dense matrix."""
    for weights in (True, False):
        dense = bag(weights).to_dense()
        plain.zero_grad()
        expected = plain(dense)
        expected.sin().sum().backward()
        for features in (bag(weights), Dense(dense)):
            module.zero_grad()
            scores = module(features)
            torch.testing.assert_close(scores, expected)
            scores.sin().sum().backward()
            torch.testing.assert_close(first.linear.weight.grad, plain_first.weight.grad.T)
            torch.testing.assert_close(first.linear.bias.grad, plain_first.bias.grad)


@pytest.mark.parametrize("outputs", [1, 2, 3, 15])
@pytest.mark.parametrize(
    ("output", "plain"),
    [(Identity(), nn.Identity()), (Sigmoid(), nn.Sigmoid()), (Softmax(), nn.Softmax(dim=-1)), (Tanh(), nn.Tanh())],
    ids=["identity", "sigmoid", "softmax", "tanh"],
)
def test_perceptron(outputs, output, plain):
    torch.manual_seed(1)
    model = Perceptron(output=output)
    module = model.build(num_features=WIDTH, num_outputs=outputs)
    affine = copy_first_layer(module.affine, nn.Linear(WIDTH, outputs))
    assert_agree(module, nn.Sequential(affine, plain), module.affine, affine)
    assert model.output_form() == output.output_form()
    assert module(bag(True)).shape == (4, outputs)


@pytest.mark.parametrize("hidden", [(1,), (5,), (6, 4), (3, 3, 3), (20, 2)])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(
    ("activation", "plain"),
    [(ReLU(), nn.ReLU), (Tanh(), nn.Tanh), (PReLU(init=0.1), lambda: nn.PReLU(init=0.1))],
    ids=["relu", "tanh", "prelu"],
)
def test_mlp(hidden, outputs, activation, plain):
    torch.manual_seed(2)
    module = MLP(hidden=hidden, activation=activation).build(num_features=WIDTH, num_outputs=outputs)
    reference = plain_mlp(module, [plain() for _ in hidden])
    assert_agree(module, reference, module.first, reference[0])
    sizes = [WIDTH, *hidden, outputs]
    layers = sum(a * b + b for a, b in pairwise(sizes))
    slopes = len(hidden) if isinstance(activation, PReLU) else 0
    assert sum(p.numel() for p in module.parameters()) == layers + slopes


def test_a_duplicate_feature_of_a_bag_is_added():
    module = Perceptron(output=Identity()).build(num_features=WIDTH, num_outputs=2)
    twice = Bag(torch.tensor([3, 3], dtype=torch.int32), torch.tensor([0, 2]), None, WIDTH)
    expected = 2 * module.affine.linear.weight[3] + module.affine.linear.bias
    torch.testing.assert_close(module(twice)[0], expected)


def test_dropout_applies_to_hidden_units_in_training_only():
    torch.manual_seed(3)
    module = MLP(hidden=(1000,), dropout=0.25, activation=Sigmoid()).build(num_features=WIDTH, num_outputs=1)
    inputs_seen = []
    module.rest[-1].register_forward_pre_hook(lambda _layer, inputs: inputs_seen.append(inputs[0].detach()))
    module.train()(bag(True))
    module.eval()(bag(True))
    trained, evaluated = inputs_seen
    dropped = float((trained == 0).double().mean())
    assert 0.2 < dropped < 0.3 and (evaluated > 0).all()
    torch.testing.assert_close(trained[trained != 0], (evaluated / 0.75)[trained != 0])
    torch.testing.assert_close(module(bag(True)), module(bag(True)), rtol=0, atol=0)


def test_initial_weights_are_within_the_bound_of_torch():
    torch.manual_seed(4)
    module = Perceptron(output=Identity()).build(num_features=400, num_outputs=3)
    largest = float(module.affine.linear.weight.detach().abs().max())
    assert 0.9 / 20 < largest <= 1 / 20


@pytest.mark.parametrize("settings", [{"hidden": ()}, {"hidden": (0,)}, {"hidden": (5, -1)}, {"dropout": 1.0}])
def test_rejects_settings_out_of_bounds(settings):
    with pytest.raises(ValueError):
        MLP(activation=ReLU(), **settings)
