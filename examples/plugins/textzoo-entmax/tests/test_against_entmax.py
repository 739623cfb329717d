"""The loss against the package's own, and probabilities that are exactly 0."""

import entmax
import pytest
import torch

from textzoo_entmax import Entmax, EntmaxLoss


@pytest.mark.parametrize("mapping", ["sparsemax", "entmax15"])
def test_the_loss_is_the_package_s(mapping: str) -> None:
    torch.manual_seed(0)
    scores, targets = torch.randn(40, 5, dtype=torch.float64, requires_grad=True), torch.arange(40) % 5
    own = EntmaxLoss(mapping=mapping).build(class_weights=None)(scores, targets)  # type: ignore[arg-type]
    other = {"sparsemax": entmax.SparsemaxLoss, "entmax15": entmax.Entmax15Loss}[mapping](reduction="elementwise_mean")
    torch.testing.assert_close(own, other(scores, targets))
    [gradient] = torch.autograd.grad(own, scores)
    [wanted] = torch.autograd.grad(other(scores, targets), scores)
    torch.testing.assert_close(gradient, wanted)


@pytest.mark.parametrize("part", [Entmax(mapping="sparsemax"), Entmax(mapping="entmax15")])
def test_small_scores_are_exactly_nothing(part: Entmax) -> None:
    found = part.build()(torch.tensor([[3.0, 0.1, -3.0]]))
    assert found[0, 2] == 0 and found.sum().item() == pytest.approx(1)
