"""The calibration of a run: fitted at the end of training, applied everywhere, and read without trust."""

from __future__ import annotations

import json
import pickle

import pytest
import torch

from zoo_core.errors import PluginError, RunFolderError
from zoo_core.runs import store
from zoo_core.runs.amend import amend_run
from zoo_core.runs.calibration.stored import CALIBRATION_FILE, Calibration
from zoo_core.runs.load import open_run
from zoo_core.training.pipeline import train

TEXTS = ["great food", "terrible", "the", ""]


def stored(folder):
    return json.loads((folder / CALIBRATION_FILE).read_bytes())


def test_a_training_fits_and_stores_the_calibration(trained, zoo):
    calibration = trained.head.calibration
    assert isinstance(calibration, Calibration)
    assert calibration.rows == trained.summary["rows"]["val"] and calibration.split == "val"
    again = open_run(trained.folder, zoo=zoo)
    assert again.head.calibration == calibration and again.head.calibration.state() == calibration.state()
    for run in (again, pickle.loads(pickle.dumps(trained))):  # noqa: S301
        assert torch.equal(run.predict(TEXTS).values, trained.predict(TEXTS).values)


def test_probabilities_are_calibrated_and_scores_are_not(trained):
    scores = torch.linspace(-4, 4, 9).view(-1, 1)
    temperature = stored(trained.folder)["state"]["temperature"]
    expected = torch.sigmoid(scores.double() / temperature)[:, 0]
    torch.testing.assert_close(trained.head.probabilities(scores.double())[:, 1], expected)
    assert trained.head.probabilities(scores).dtype == torch.float32
    assert torch.equal(trained.head.class_scores(scores), torch.cat([-scores, scores], dim=1))
    assert torch.equal(trained.head.predict(scores), (scores[:, 0] >= 0).long())


def test_the_summary_has_the_error_before_and_after(trained):
    found = trained.summary["calibration"]
    names = {"expected-calibration-error", "log-loss"}
    assert found["split"] == "test" and set(found["before"]) == set(found["after"]) == names
    assert json.loads((trained.folder / "result.json").read_bytes())["calibration"] == found


@pytest.mark.parametrize("changes", [("calibrator=none",), ("loss=mse",)], ids=str)
def test_nothing_is_stored_where_nothing_is_calibrated(small, reviews, tmp_path, changes):
    run = train(small(*changes), reviews, run=tmp_path / "run")
    assert run.head.calibration is None and run.summary["calibration"] is None
    assert not (run.folder / CALIBRATION_FILE).exists()


HOSTILE = {
    "half": lambda good: store.to_json(good)[:-9],
    "nothing": lambda good: b"",
    "deep": lambda good: b"[" * 9999,
    "a list": lambda good: store.to_json([good]),
    "surrogate": lambda good: store.to_json({**good, "source": 1}),
    "unknown key": lambda good: store.to_json({**good, "more": 1}),
    **{
        f"without {key}": lambda good, key=key: store.to_json({k: v for k, v in good.items() if k != key})
        for key in ("calibrator", "component", "state", "source", "split", "rows")
    },
    **{f"rows {rows!r}": lambda good, rows=rows: store.to_json({**good, "rows": rows}) for rows in (0, 1.5, "9", True)},
    **{
        f"state {state!r}": lambda good, state=state: store.to_json({**good, "state": state})
        for state in (
            {},
            [],
            "x",
            {"temperature": 0},
            {"temperature": -1.0},
            {"temperature": 1e300},
            {"temperature": "1"},
            {"temperature": None},
            {"temperature": [1.0]},
            {"temperature": {"a": 1}},
            {"temperature": True},
        )
    },
    "NaN": lambda good: store.to_json(good).replace(b'"temperature": ', b'"temperature": NaN, "x": '),
    **{
        f"calibrator {name!r}": lambda good, name=name: store.to_json({**good, "calibrator": name})
        for name in (
            {},
            {"use": "unknown"},
            {"use": 1},
            {"use": "temperature", "prior": -1},
            {"use": "temperature", "x": 1},
            "temperature",
            {"use": "os:system"},
        )
    },
    "of another kind": lambda good: store.to_json({**good, "component": {**good["component"], "kind": "loss"}}),
    "component": lambda good: store.to_json({**good, "component": {}}),
}


@pytest.mark.parametrize("content", HOSTILE)
def test_rejects_an_invalid_calibration(refused, seal, folder, content):
    seal(CALIBRATION_FILE, HOSTILE[content](stored(folder)))
    refused(CALIBRATION_FILE)


def test_rejects_a_calibration_that_does_not_suit_the_run(small, reviews, tmp_path, zoo, trained):
    run = train(small("loss=mse"), reviews, run=tmp_path / "run")
    amend_run(run.folder, CALIBRATION_FILE, (trained.folder / CALIBRATION_FILE).read_bytes())
    with pytest.raises(RunFolderError, match=r"calibration.json: the loss of this run gives no probabilities"):
        open_run(run.folder, zoo=zoo)


def test_a_missing_plugin_is_named(folder, seal, zoo):
    good = stored(folder)
    owner = {**good["component"], "distribution": "textzoo-vectors", "plugin": "vectors", "name": "vector"}
    seal(CALIBRATION_FILE, store.to_json({**good, "calibrator": {"use": "vector"}, "component": owner}))
    with pytest.raises(PluginError, match="textzoo-vectors"):
        open_run(folder, zoo=zoo)
