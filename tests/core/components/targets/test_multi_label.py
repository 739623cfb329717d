"""The operations on labels of rows that have any number of them, by hand."""

from __future__ import annotations

import pytest
import torch

from zoo_core import load_component
from zoo_core.components.targets import multi_label
from zoo_core.components.targets.forms import target_form

FORM = target_form("multi-label")
LABELS = torch.tensor([[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0], [1, 1, 1]]).bool()
VALUES = torch.tensor([[0.9, 0.7, 0.1], [0.6, 0.1, 0.2], [0.4, 0.3, 0.45], [0.1, 0.2, 0.3], [0.9, 0.8, 0.1]])


def test_the_wrong_answer_is_the_most_probable_one_about_a_label():
    classes, values = FORM.wrong_answers(VALUES >= 0.5, LABELS, VALUES.double())
    assert classes[[0, 1, 2, 4]].tolist() == [1, 2, 0, 2]
    torch.testing.assert_close(values.float(), torch.tensor([0.7, 0.8, 0.6, 0.0, 0.9]))


def test_confidence_is_compared_with_the_share_of_right_answers():
    likeliest = torch.tensor([0.9, 0.7, 0.9, 0.6, 0.9, 0.8, 0.6, 0.7, 0.55, 0.9, 0.8, 0.7, 0.9, 0.8, 0.9])
    wrong = 5  # of 15 answers
    expected = float(likeliest.mean()) - (15 - wrong) / 15
    assert FORM.surplus_confidence(VALUES, LABELS) == pytest.approx(expected)


@pytest.mark.parametrize("most", [52, 2])
def test_rows_with_equal_sets_have_equal_codes(most, monkeypatch):
    monkeypatch.setattr(multi_label, "MAX_SET_BITS", most)
    first, second, third, fourth, fifth = FORM.row_codes(LABELS).tolist()
    assert first == third and len({first, second, fourth, fifth}) == 4
    assert FORM.best_constant(LABELS).tolist() == [[True, False, False]] * 5


def test_probabilities_of_having_a_label_and_of_lacking_it():
    scores = torch.tensor([[2.0, -1.0]], dtype=torch.float64)
    expected = torch.stack([1 - scores.sigmoid(), scores.sigmoid()], dim=2).log()
    torch.testing.assert_close(FORM.log_probabilities("sigmoid", scores), expected)
    torch.testing.assert_close(FORM.log_probabilities("identity", scores.sigmoid()), expected)
    right = FORM.right_probabilities(VALUES[:1], LABELS[:1])
    torch.testing.assert_close(right, torch.tensor([[0.9, 0.3, 0.9]]))


@pytest.mark.parametrize(("loss", "link"), [("bce", "identity"), ("bce-with-logits", "sigmoid"), ("focal", "sigmoid")])
def test_each_label_has_an_output_and_the_link_of_its_loss(loss, link, zoo):
    outputs, found = FORM.outputs_and_link(load_component("loss", loss, zoo=zoo), 3)
    assert (outputs, found) == (3, link)
    scores = VALUES if link == "identity" else VALUES.logit()
    torch.testing.assert_close(FORM.probabilities(found, scores), VALUES)
