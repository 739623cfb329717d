"""BagLinear and bag_sum against `nn.Linear` on the dense matrix: the same values and gradients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from zoo_core import load_component, open_zoo
from zoo_core.errors import DataError
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import MAX_COLUMNWISE_OUTPUTS, MIN_EMBEDDING_BAG_OUTPUTS, BagLinear, bag_sum
from zoo_core.testing import inputs

FEATURES = 9
OUTPUTS = [
    1,
    2,
    3,
    4,
    MAX_COLUMNWISE_OUTPUTS,
    MAX_COLUMNWISE_OUTPUTS + 1,
    MIN_EMBEDDING_BAG_OUTPUTS - 1,
    MIN_EMBEDDING_BAG_OUTPUTS,
]


def make_bag(lengths, *, weighted: bool, dtype=torch.float32, seed=0) -> Bag:
    """A bag of rows of these lengths; an id may appear twice in a row."""
    generator = torch.Generator().manual_seed(seed)
    offsets = torch.tensor([0, *lengths]).cumsum(0)
    ids = torch.randint(FEATURES, (int(offsets[-1]),), generator=generator, dtype=torch.int32)
    weights = torch.randn(len(ids), generator=generator, dtype=dtype) if weighted else None
    return Bag(ids, offsets, weights, FEATURES)


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@settings(max_examples=15)
@given(lengths=st.lists(st.integers(0, 5), min_size=1, max_size=8), seed=st.integers(0, 9))
def test_values_and_gradients_equal_linear(outputs, weighted, bias, lengths, seed):
    bag = make_bag(lengths, weighted=weighted, seed=seed)
    linear = nn.Linear(FEATURES, outputs, bias=bias)
    layer = BagLinear.from_linear(linear)
    expected, sums = linear(bag.to_dense()), layer(bag)
    assert sums.shape == (len(lengths), outputs)
    torch.testing.assert_close(sums, expected)
    upstream = torch.randn(sums.shape)
    expected.backward(upstream)
    sums.backward(upstream)
    torch.testing.assert_close(layer.weight.grad, linear.weight.grad.T)
    if bias:
        torch.testing.assert_close(layer.bias.grad, linear.bias.grad)


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("lengths", [[2, 0, 3], [0], [1], [0, 0]])
def test_gradients_in_double_precision(outputs, lengths):
    """The gradients of the weight, and of the values of entries, which `explain` integrates."""
    bag = make_bag(lengths, weighted=True, dtype=torch.float64)
    weight = torch.randn(FEATURES, outputs, dtype=torch.float64, requires_grad=True)
    values = bag.weights.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda weight, values: bag_sum(Bag(bag.ids, bag.offsets, values, FEATURES), weight), (weight, values)
    )
    plain = Bag(bag.ids, bag.offsets, None, FEATURES)
    assert torch.autograd.gradcheck(lambda weight: bag_sum(plain, weight), (weight,))


@pytest.mark.parametrize("outputs", OUTPUTS)
def test_no_rows_and_slices(outputs):
    layer = BagLinear(FEATURES, outputs)
    bag = make_bag([3, 0, 4, 1], weighted=True)
    whole = layer(bag)
    assert layer(bag.slice(0, 0)).shape == (0, outputs)
    torch.testing.assert_close(torch.cat([layer(bag.slice(at, at + 1)) for at in range(4)]), whole)
    torch.testing.assert_close(layer(bag.slice(1, 3)), whole[1:3])


@pytest.mark.parametrize("outputs", OUTPUTS)
def test_weight_in_column_order(outputs):
    bag, weight = make_bag([3, 0, 4], weighted=True), torch.randn(outputs, FEATURES, requires_grad=True)
    found, expected = (torch.autograd.grad(sums.square().sum(), weight)[0] for sums in both_sums(bag, weight.T))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_dtypes(outputs, dtype):
    bag, weight = make_bag([3, 0, 4], weighted=True), torch.randn(FEATURES, outputs).to(dtype).requires_grad_()
    found, expected = (torch.autograd.grad(sums.sum(), weight)[0] for sums in both_sums(bag, weight))
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)
    assert found.dtype == dtype


def both_sums(bag, weight):
    """The sums of a bag, and of the same as a dense matrix."""
    return bag_sum(bag, weight), bag.to_dense().to(weight.dtype) @ weight


@pytest.mark.parametrize("bias", [False, True])
def test_from_linear_and_to_linear(bias):
    linear = nn.Linear(FEATURES, 3, bias=bias)
    copy = BagLinear.from_linear(linear).to_linear()
    assert copy.state_dict().keys() == linear.state_dict().keys()
    assert all(torch.equal(copy.state_dict()[name], tensor) for name, tensor in linear.state_dict().items())
    with torch.no_grad():
        copy.weight.zero_()
    assert linear.weight.abs().sum() > 0  # a copy, not a view


def test_initial_weights_are_like_linear():
    weight = BagLinear(400, 50).weight.detach()
    assert weight.abs().max() <= 1 / 20
    assert weight.std().item() == pytest.approx(nn.Linear(400, 50).weight.std().item(), rel=0.03)


def models_of_bags() -> list[str]:
    names = open_zoo().registry.names("model")
    return [name for name in names if "bag" in load_component("model", name).accepts]


@pytest.mark.parametrize("name", models_of_bags())
def test_every_model_takes_a_plain_tensor_like_its_bag(name):
    module = load_component("model", name).build(num_features=12, num_outputs=2).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    bag = inputs.make_bag(weighted=True)
    torch.testing.assert_close(module(bag.to_dense()), module(bag))
    for wrong, expected in (
        ([[0.0] * 12], r"features: got list, .*torch.tensor\(features, dtype=torch.float32\)"),
        (torch.rand(3, 12, device="meta"), r"got a tensor on meta, expected cpu as for the model"),
        (torch.rand(3, 5), r"got the shape \(3, 5\), expected \(batch, 12\)"),
        (torch.rand(12), "unsqueeze"),
        (torch.ones(3, 12, dtype=torch.int64), "got numbers of type int64, expected float32"),
        (torch.rand(3, 12).double(), r"features.to\(torch.float32\)"),
        ([[0.0] * 12], "got list"),
    ):
        with pytest.raises(DataError, match=expected):
            module(wrong)
