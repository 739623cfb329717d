"""Amending a run: a threshold is stored atomically, read without trust, and used by everything."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve

from zoo_core import open_run
from zoo_core.components.decisions.decision import Decision
from zoo_core.components.head import Head
from zoo_core.errors import InputOutputError, RunFolderError
from zoo_core.evaluation import diagnostics
from zoo_core.runs import amend, store
from zoo_core.runs.calibration.stored import CALIBRATION_FILE
from zoo_core.runs.decisions.choose import save_decision
from zoo_core.runs.decisions.stored import DECISION_FILE, Choice, StoredDecision
from zoo_core.training.pipeline import train

TEXTS = ["good warm food", "good cold food", "", "cold rude staff", "nothing known"]


def digest(folder):
    """The hash of the calibration of a run, which its decision names."""
    path = folder / CALIBRATION_FILE
    return sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def at(threshold, folder, choice=None):
    """A decision as a run stores it."""
    return StoredDecision(Decision.of_threshold(threshold), choice, digest(folder))


def content(threshold, folder):
    return at(threshold, folder).to_json(Head.of_classes(["negative", "positive"]))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_everything_uses_the_stored_threshold(trained, folder, zoo):
    run, before = open_run(folder, zoo=zoo), contents(folder)
    chances = run.predict(TEXTS).values[:, 1].tolist()
    for value in (0.2, 0.8):
        kept = at(value, folder, Choice("f1", 0.9, "reviews.csv", "val", 18))
        assert save_decision(run, kept).head.threshold == value
        opened = open_run(folder, zoo=zoo)
        assert (opened.decision, opened.head) == (kept, evolve(trained.head, decision=Decision.of_threshold(value)))
        expected = [("negative", "positive")[chance >= value] for chance in chances]
        assert opened.predict(TEXTS).labels == expected
        assert [opened.explain(text).label for text in TEXTS] == expected
        scores, targets = opened.scores_and_targets()
        called = (opened.head.probabilities(scores)[:, 1] >= value).long()
        assert opened.evaluate()["accuracy"] == pytest.approx(float((called == targets).double().mean()))
        matrix = diagnostics.confusion(opened.head, scores, targets)
        assert sum(row[1] for row in matrix.counts) == int(called.sum())
        assert opened.predict(TEXTS, threshold=0.5).labels == trained.predict(TEXTS).labels  # as the call says
    after = contents(folder)
    assert set(after) - set(before) == {DECISION_FILE}
    assert [name for name in before if before[name] != after[name]] == ["manifest.json"]
    assert json.loads(after["manifest.json"])["files"][DECISION_FILE] == sha256(after[DECISION_FILE]).hexdigest()
    save_decision(run, at(0.5, folder))
    assert open_run(folder, zoo=zoo).predict(TEXTS).labels == trained.predict(TEXTS).labels
    assert (folder / DECISION_FILE).stat().st_mode == (folder / "head.json").stat().st_mode


GOOD = {
    "threshold": 0.25,
    "thresholds": None,
    "costs": None,
    "by_cost": False,
    "calibration": "",
    "choice": {"metric": "f1", "metric_value": 0.5, "source": "a.csv", "split": "val", "rows": 9},
}
RAW = store.to_json(GOOD)
COSTS = {"negative": {"negative": 0, "positive": 1}, "positive": {"negative": 5, "positive": 0}}
HOSTILE = {
    "nan": RAW.replace(b"0.25", b"NaN"),
    "infinity": RAW.replace(b"0.25", b"-Infinity"),
    "no JSON": b"0.5",
    "half": store.to_json(GOOD)[:-9],
    "nothing": b"",
    "deep": b"[" * 9999,
    "digits": RAW.replace(b"0.25", b"9" * 5000),
    "surrogate": b'{"threshold": 0.5, "choice": "\\ud800"}',
    **{
        str(value): store.to_json({**GOOD, "threshold": value})
        for value in (2, -0.1, 10**300, "0.5", True, None, [0.5], {"value": 0.5})
    },
    **{
        f"{key} is {value}": store.to_json({**GOOD, key: value})
        for key, value in [
            ("thresholds", {"negative": 0.5, "positive": 0.5}),
            ("by_cost", 1),
            ("by_cost", True),
            ("calibration", None),
            ("costs", []),
            ("costs", {"negative": COSTS["negative"]}),
            ("costs", {**COSTS, "neutral": {}}),
            ("costs", {**COSTS, "positive": {"negative": 5}}),
            ("costs", {**COSTS, "positive": {"negative": "5", "positive": 0}}),
            ("costs", {**COSTS, "positive": {"negative": 1e300, "positive": 0}}),
            ("costs", {**COSTS, "positive": {"negative": -5, "positive": 0}}),
        ]
    },
    "unknown key": store.to_json({**GOOD, "use": "f1"}),
    "missing key": store.to_json({"threshold": 0.5}),
    "a list": store.to_json([0.5]),
    "unknown key of the choice": store.to_json({**GOOD, "choice": {**GOOD["choice"], "run": "x"}}),
    **{
        f"{key} is {value}": store.to_json({**GOOD, "choice": {**GOOD["choice"], key: value}})
        for key, value in [
            ("metric", 1),
            ("metric_value", "1"),
            ("metric_value", True),
            ("rows", 1.5),
            ("rows", 0),
            ("split", None),
        ]
    },
    "choice is a text": store.to_json({**GOOD, "choice": "f1"}),
}


@pytest.mark.parametrize("content", HOSTILE)
def test_rejects_an_invalid_threshold(refused, seal, content):
    seal(DECISION_FILE, HOSTILE[content])
    refused(DECISION_FILE)


def test_reads_a_valid_decision(seal, folder, zoo):
    seal(DECISION_FILE, store.to_json({**GOOD, "calibration": digest(folder), "costs": COSTS}))
    assert open_run(folder, zoo=zoo).head.decision == Decision.of_threshold(0.25, ((0, 1), (5, 0)))
    seal(DECISION_FILE, store.to_json({**GOOD, "calibration": digest(folder)}))
    assert open_run(folder, zoo=zoo).decision == at(0.25, folder, Choice(**GOOD["choice"]))


def test_rejects_a_threshold_that_the_manifest_does_not_list(refused, folder):
    (folder / DECISION_FILE).write_bytes(store.to_json(GOOD))
    refused(DECISION_FILE, "file not listed in the manifest")


def test_rejects_a_threshold_of_a_run_that_has_none(small, reviews, tmp_path, zoo):
    run = train(small("loss=mse"), reviews, run=tmp_path / "run")
    amend.amend_run(run.folder, DECISION_FILE, store.to_json(GOOD))
    with pytest.raises(RunFolderError, match=r"decision.json: a threshold needs a loss that gives probabilities"):
        open_run(run.folder, zoo=zoo)


def test_a_decision_for_other_probabilities_is_not_used(seal, folder, zoo, caplog):
    seal(DECISION_FILE, store.to_json({**GOOD, "calibration": "0" * 64}))
    opened = open_run(folder, zoo=zoo)
    assert (opened.decision, opened.head.threshold) == (None, 0.5)
    assert "its decision was chosen before its calibration, and is not used" in caplog.text


NAMED_PIPE = pytest.param(
    "pipe", marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX"), id="pipe"
)


@pytest.mark.parametrize("thing", ["flipped", "missing", "link", NAMED_PIPE, "folder"])
def test_rejects_a_listed_threshold_without_its_file(refused, seal, folder, tmp_path, thing):
    seal(DECISION_FILE, store.to_json(GOOD))
    path = folder / DECISION_FILE
    path.unlink()
    if thing == "flipped":
        path.write_bytes(store.to_json({**GOOD, "threshold": 0.75}))
    elif thing == "link":
        (tmp_path / "elsewhere").write_bytes(store.to_json(GOOD))
        path.symlink_to(tmp_path / "elsewhere")
    elif thing == "pipe":
        os.mkfifo(path)
    elif thing == "folder":
        path.mkdir()
    refused(DECISION_FILE)


@pytest.mark.parametrize("digest", ["../../../elsewhere", "", "F" * 64, 10**63, None])
def test_rejects_an_invalid_hash_in_the_manifest(refused, seal, folder, digest):
    manifest = json.loads((folder / store.MANIFEST).read_bytes())
    manifest["files"][DECISION_FILE] = digest
    (folder / store.MANIFEST).write_bytes(store.to_json(manifest))
    refused(store.MANIFEST, "invalid manifest")


CHANGES = 10  # of the pending file, the manifest and the last name: onto the disk, renamed, the folder onto the disk


def amend_and_die(folder: Path, data: bytes, change: int) -> int:
    """Amend a run in another process, which is killed before its n-th change of the disk; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    calls = iter(range(1, 99))

    def dying(function):
        def call(*args, **kwargs):
            if next(calls) == change:
                os.kill(os.getpid(), 9)
            return function(*args, **kwargs)

        return call

    for name in ("fsync", "replace", "unlink"):
        setattr(os, name, dying(getattr(os, name)))
    amend.amend_run(folder, DECISION_FILE, data)
    os._exit(0)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("first", [None, 0.25])
@pytest.mark.parametrize("change", range(1, CHANGES + 2))
def test_a_kill_leaves_the_old_or_the_new_threshold(folder, zoo, first, change):
    if first is not None:
        amend.amend_run(folder, DECISION_FILE, content(first, folder))
    listed = {*json.loads((folder / store.MANIFEST).read_bytes())["files"], DECISION_FILE, store.MANIFEST}
    assert amend_and_die(folder, content(0.75, folder), change) == (-9 if change <= CHANGES else 0)
    found = open_run(folder, zoo=zoo).decision
    assert found == (at(0.75, folder) if change > 6 else first and at(first, folder))
    save_decision(open_run(folder, zoo=zoo), at(0.125, folder))
    assert open_run(folder, zoo=zoo).decision == at(0.125, folder)
    assert set(contents(folder)) == listed  # and what was left is swept away


@pytest.mark.parametrize("change", [1, 2])
def test_a_full_disk_changes_nothing(folder, monkeypatch, change):
    amend.amend_run(folder, DECISION_FILE, content(0.25, folder))
    before, calls = contents(folder), iter(range(1, 9))

    def full(_handle):
        if next(calls) == change:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputOutputError, match=r"cannot write .*decision.json: No space left on device"):
        amend.amend_run(folder, DECISION_FILE, content(0.75, folder))
    assert {name: data for name, data in contents(folder).items() if not name.startswith(".")} == before


def test_a_run_that_is_read_while_it_is_amended(folder, monkeypatch):
    """Between the manifest and the file there is always time for another process."""
    amend.amend_run(folder, DECISION_FILE, content(0.25, folder))
    read, pending = store._read_file, iter([0.5, 0.75])

    def slow(place, name):
        data = read(place, name)
        if name == store.MANIFEST and (value := next(pending, None)):
            monkeypatch.setattr(store, "_read_file", read)
            amend.amend_run(place, DECISION_FILE, content(value, place))
            monkeypatch.setattr(store, "_read_file", slow)
        return data

    monkeypatch.setattr(store, "_read_file", slow)
    assert json.loads(store.read_run(folder)[DECISION_FILE])["threshold"] == 0.75


def test_only_one_process_amends_a_run(folder):
    fcntl = pytest.importorskip("fcntl")
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    before = contents(folder)
    with pytest.raises(InputOutputError, match="another process is changing"):
        amend.amend_run(folder, DECISION_FILE, content(0.25, folder))
    assert contents(folder) == before
    os.close(handle)


def test_a_corrupt_run_is_not_amended(folder):
    (folder / "head.json").write_text("{}")
    before = contents(folder)
    with pytest.raises(RunFolderError, match=r"head\.json"):
        amend.amend_run(folder, DECISION_FILE, content(0.25, folder))
    assert contents(folder) == before
