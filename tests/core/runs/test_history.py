"""The training history of a run, and invalid files."""

from __future__ import annotations

import pytest

from zoo_core.errors import RunFolderError
from zoo_core.runs.history import read_history


def test_reads_the_metrics_of_each_epoch(trained):
    found = read_history(trained.folder, best_epoch=trained.summary["best_epoch"], monitor="loss")
    assert found.epochs == (1, 2, 3)
    assert set(found.metrics) == {"train_loss", "val_loss", "val_accuracy", "val_f1"}
    assert all(len(values) == 3 for values in found.metrics.values())
    assert found.metrics["val_loss"][found.best_epoch - 1] == min(found.metrics["val_loss"])
    assert found.metrics["val_accuracy"][found.best_epoch - 1] == trained.summary["metrics"]["val"]["accuracy"]


LINES = [
    b"",
    b"[1]\n",
    b"7\n",
    b'{ "epoch": "1" }\n',
    b'{ "epoch": true }\n',
    b"{ \n",
]


@pytest.mark.parametrize("data", LINES)
def test_rejects_an_invalid_history(folder, seal, data):
    seal("metrics.jsonl", data)
    with pytest.raises(RunFolderError, match=r"metrics\.jsonl: "):
        read_history(folder, best_epoch=1, monitor="loss")


def test_skips_values_that_are_not_metrics(folder, seal):
    seal("metrics.jsonl", b'{ "epoch": 1, "train_loss": 1, "val_loss": "x", "val_f1": null, "lr": 3 }\n')
    assert read_history(folder, best_epoch=1, monitor="loss").metrics == {"train_loss": (1.0,)}
    with pytest.raises(RunFolderError, match="invalid metrics of epochs"):
        read_history(folder, best_epoch=None, monitor="loss")
