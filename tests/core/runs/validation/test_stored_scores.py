"""Validation scores in the run folder: those of the split, bounded, rejected if damaged, and used without the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch

from zoo_core import open_run
from zoo_core.components.head import Head
from zoo_core.errors import RunFolderError
from zoo_core.runs.validation import stored_scores
from zoo_core.runs.validation.tuning_scores import tuning_scores

FILE = stored_scores.VALIDATION_FILE
HEAD = Head.of_classes(["a", "b", "c"])


def test_they_are_those_of_the_validation_split(trained, folder, zoo):
    opened = open_run(folder, zoo=zoo)
    scored, stored = opened.score_split(split="val"), opened.stored_validation
    assert torch.equal(stored.scores, scored.scores)
    assert torch.equal(stored.targets, scored.targets)
    assert torch.equal(stored.scores, trained.stored_validation.scores)
    assert (stored.source, stored.split, len(stored.targets)) == (scored.source, "val", trained.summary["rows"]["val"])
    assert opened.evaluate_scores(stored)["loss"] == pytest.approx(trained.summary["metrics"]["val"]["loss"])


def test_decisions_use_them_when_the_data_has_moved(small, reviews, tmp_path, zoo):
    from zoo_core.training.pipeline import train

    data = Path(shutil.copy(reviews, tmp_path / "moved.csv"))
    run = train(small(), data, run=tmp_path / "run")
    data.unlink()
    assert tuning_scores(run) is run.stored_validation
    assert tuning_scores(run, split="val").split == "val"
    for unstored in ({"split": "test"}, {"needs_texts": True}):
        with pytest.raises(Exception, match="missing"):
            tuning_scores(run, **unstored)


def test_a_run_without_them_is_opened_and_says_what_to_do(folder, zoo):
    import json

    from zoo_core.runs import store

    manifest = json.loads((folder / store.MANIFEST).read_bytes())
    del manifest["files"][FILE]
    (folder / store.MANIFEST).write_bytes(store.to_json(manifest))
    run = open_run(folder, zoo=zoo)
    assert run.stored_validation is None
    assert tuning_scores(run).rows is not None
    with pytest.raises(RunFolderError, match=r"no stored validation scores \(hint: train it again\)"):
        run.answer_rules(coverage=0.8)


@pytest.mark.parametrize("soft", [False, True])
def test_too_many_rows_become_a_seeded_sample_in_order(monkeypatch, soft):
    monkeypatch.setattr(stored_scores, "MAX_ROWS", 40)
    scores = torch.arange(300.0).reshape(100, 3)
    targets = torch.eye(3)[torch.arange(100) % 3] if soft else torch.arange(100) % 3
    first, again, other = (stored_scores.stored_rows(scores, targets, "x.csv", seed) for seed in (1, 1, 2))
    rows = (first.scores[:, 0] / 3).long()
    assert len(rows) == 40
    assert (rows.diff() > 0).all()
    assert torch.equal(first.scores, again.scores)
    assert not torch.equal(first.scores, other.scores)
    assert torch.equal(first.targets, rows % 3)
    back = stored_scores.parse_stored_rows(stored_scores.to_bytes(first), Path(FILE), HEAD, "x.csv")
    assert torch.equal(back.scores, first.scores)
    assert torch.equal(back.loss_targets, first.loss_targets)
    assert back.loss_targets.dtype == first.loss_targets.dtype


def test_infinite_scores_are_stored_as_the_largest_numbers():
    scores = torch.tensor([[torch.inf], [-torch.inf], [1.0]], dtype=torch.float64)
    stored = stored_scores.stored_rows(scores, torch.tensor([1, 0, 1]), "x.csv", 1)
    head = Head(("a", "b"), 1, "sigmoid")
    back = stored_scores.parse_stored_rows(stored_scores.to_bytes(stored), Path(FILE), head, "x.csv")
    assert head.probabilities(back.scores)[:, 1].tolist() == pytest.approx([1, 0, torch.tensor(1.0).sigmoid().item()])


def test_many_classes_take_fewer_rows():
    assert [stored_scores.max_rows(width) for width in (1, 200, 1000, 10**8)] == [50_000, 50_000, 10_000, 1]


SCORES, TARGETS = torch.zeros(4, 3), torch.tensor([0, 1, 2, 0], dtype=torch.int32)
INVALID = {
    "no targets": {"scores": SCORES},
    "another tensor": {"scores": SCORES, "targets": TARGETS, "more": TARGETS.long()},
    "no rows": {"scores": SCORES[:0], "targets": TARGETS[:0]},
    "NaN": {"scores": SCORES / 0, "targets": TARGETS},
    "infinite": {"scores": SCORES + torch.inf, "targets": TARGETS},
    "float64": {"scores": SCORES.double(), "targets": TARGETS},
    "other outputs": {"scores": SCORES[:, :2].contiguous(), "targets": TARGETS},
    "one dimension": {"scores": SCORES[0], "targets": TARGETS},
    "a scalar": {"scores": torch.tensor(1.0), "targets": TARGETS},
    "fewer targets": {"scores": SCORES, "targets": TARGETS[:3]},
    "a class too many": {"scores": SCORES, "targets": TARGETS + 1},
    "negative": {"scores": SCORES, "targets": TARGETS - 1},
    "int64": {"scores": SCORES, "targets": TARGETS.long()},
    "a scalar target": {"scores": SCORES, "targets": torch.tensor(1, dtype=torch.int32)},
    "too many rows": {"scores": torch.zeros(50_001, 3), "targets": torch.zeros(50_001, dtype=torch.int32)},
    "soft targets of two classes": {"scores": SCORES, "targets": torch.full((4, 2), 0.5)},
    "soft targets below 0": {"scores": SCORES, "targets": torch.tensor([[2.0, -1.0, 0.0]] * 4)},
    "soft targets of sum 2": {"scores": SCORES, "targets": torch.full((4, 3), 2 / 3)},
    "soft NaN": {"scores": SCORES, "targets": torch.full((4, 3), torch.nan)},
}


@pytest.mark.parametrize("fault", INVALID)
def test_invalid_scores_are_rejected(fault):
    data = safetensors.torch.save(INVALID[fault])
    with pytest.raises(RunFolderError, match=rf"{FILE}: invalid validation scores: ") as caught:
        stored_scores.parse_stored_rows(data, Path(FILE), HEAD, "x.csv")
    assert "\n" not in str(caught.value)


def test_scores_of_another_model_are_rejected_on_opening(seal, refused):
    seal(FILE, safetensors.torch.save({"scores": SCORES, "targets": TARGETS}))
    refused(FILE, 'the tensor "scores": got torch.float32 (4, 3), expected torch.float32 (4, 1)')
