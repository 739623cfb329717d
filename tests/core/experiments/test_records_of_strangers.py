"""Records of trials whose values a stranger chose; `benchmarks/fuzz_swap_folders.py` tries many more."""

from __future__ import annotations

import math

import pytest
import torch

from zoo_core.errors import NumericalError, RunFolderError
from zoo_core.experiments.records import SCORES_HASH, Trial, read_record, read_scores, write_record, write_scores

TRIAL = Trial(name="a-seed-1", title="a", variant=0, seed=1, fold=0, recipe="", design="d")
IDENTITY = {"trial": "a-seed-1", "title": "a", "variant": 0, "seed": 1, "fold": 0, "design": "d"}
DONE = {
    **{"status": "done", "parameters": 3, "epochs": 1, "best_epoch": 1, "features": 2, "leaked": 0, "seconds": 0.5},
    **{"rows": {"train": 4, "val": 2}, "metrics": {"loss": 0.5}, "classes": ["x", "y"], "run_sha256": ""},
}
FAILED = {"status": "failed", "reason": "nan", "exit_code": 6}
NUMBERS = (False, True, 0.0, 1.0, 1.5, -1, 2**63, 10**4000)
WRONG = (None, "1", *NUMBERS, [], {}, [[]], ["x"], ["x", "x"], ["x", 1], {"train": 0})
RIGHT = {  # of WRONG, by key
    **dict.fromkeys(("title", "reason", "run_sha256", SCORES_HASH), ("1",)),
    **{"seconds": (0.0, 1.0, -1, 1.5), "metrics": ({}, {"train": 0})},
}


@pytest.mark.parametrize("values", [DONE, FAILED], ids=["done", "failed"])
def test_every_value_of_a_record_is_checked(tmp_path, values):
    (tmp_path / "records").mkdir()
    sound = {**IDENTITY, **values}
    if values is DONE:
        sound[SCORES_HASH] = ""
    write_record(tmp_path, sound)
    assert read_record(tmp_path, TRIAL) == sound
    for key in sound:
        for wrong in WRONG:
            if wrong in RIGHT.get(key, ()) or key == "trial":  # which names the file
                continue
            write_record(tmp_path, {**sound, key: wrong})
            with pytest.raises(RunFolderError):
                read_record(tmp_path, TRIAL)


@pytest.mark.parametrize(
    ("scores", "targets"),
    [
        (torch.zeros(3, 2), torch.tensor([0, 1, 2])),
        (torch.zeros(3, 2), torch.tensor([0, 1, 2**60])),
        (torch.zeros(3, 2), torch.tensor([0, 1, -1])),
        (torch.zeros(3, 2), torch.tensor([0, 1])),
        (torch.zeros(3, 2), torch.tensor([0.0, 1.0, 1.0])),
        (torch.zeros(3, 2), torch.zeros(3, 3)),
        (torch.zeros(3, 2), torch.full((3, 2), math.nan)),
        (torch.zeros(3, 2, dtype=torch.int64), torch.tensor([0, 1, 1])),
        (torch.zeros(3), torch.tensor([0, 1, 1])),
        (torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64)),
    ],
)
def test_scores_belong_to_the_classes(tmp_path, scores, targets):
    (tmp_path / "records").mkdir()
    record = {**IDENTITY, **DONE, SCORES_HASH: write_scores(tmp_path, TRIAL.name, scores, targets)}
    with pytest.raises(RunFolderError, match="invalid scores of a trial"):
        read_scores(tmp_path, record)


def test_scores_are_finite(tmp_path):
    (tmp_path / "records").mkdir()
    scores, targets = torch.tensor([[0.0, 1.0]]), torch.tensor([1])
    record = {**IDENTITY, **DONE, SCORES_HASH: write_scores(tmp_path, TRIAL.name, scores, targets)}
    assert read_scores(tmp_path, record)[0].equal(scores)
    record[SCORES_HASH] = write_scores(tmp_path, TRIAL.name, scores * math.inf, targets)
    with pytest.raises(NumericalError, match="finite"):
        read_scores(tmp_path, record)
