"""The loss against that of the package, and probabilities of exactly 0."""

import entmax
import pytest
import torch

from textzoo_entmax import Entmax, EntmaxLoss


@pytest.mark.parametrize("mapping", ["sparsemax", "entmax15"])
def test_loss_equals_that_of_the_package(mapping: str) -> None:
    torch.manual_seed(0)
    scores, targets = torch.randn(40, 5, dtype=torch.float64, requires_grad=True), torch.arange(40) % 5
    loss = EntmaxLoss(mapping=mapping).build(class_weights=None)(scores, targets)  # type: ignore[arg-type]
    other = {"sparsemax": entmax.SparsemaxLoss, "entmax15": entmax.Entmax15Loss}[mapping](reduction="elementwise_mean")
    torch.testing.assert_close(loss, other(scores, targets))
    [gradient] = torch.autograd.grad(loss, scores)
    [expected] = torch.autograd.grad(other(scores, targets), scores)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("activation", [Entmax(mapping="sparsemax"), Entmax(mapping="entmax15")])
def test_small_scores_have_probability_0(activation: Entmax) -> None:
    probabilities = activation.build()(torch.tensor([[3.0, 0.1, -3.0]]))
    assert probabilities[0, 2] == 0 and probabilities.sum().item() == pytest.approx(1)
