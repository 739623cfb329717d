"""What a finished training shows: a finding for each kind of trouble, and none without it."""

from __future__ import annotations

import json
import random

import pytest
import torch
from attrs import evolve

import zoo_core
from zoo_core.components.head import Head
from zoo_core.errors import RunFolderError
from zoo_core.runs.load import open_run
from zoo_core.runs.schemas import parse_summary
from zoo_core.training.findings import checks
from zoo_core.training.findings.course_checks import check_epochs, check_losses
from zoo_core.training.loop import TrainingResult

TASK = ("task=text-classification", "training.epochs=30", "training.patience=3")


@pytest.fixture(autouse=True)
def _no_check_fails(monkeypatch):
    monkeypatch.setattr(checks, "_run_check", lambda check, record: list(check(record)))


def write(path, counts, split=None):
    """A file of `counts[label]` rows whose words tell the label; every third word is the same in all."""
    draw = random.Random(2)
    words = {label: [f"{label.strip().lower()}{chr(97 + n)}" for n in range(6)] for label in counts}
    rows = [
        (label, " ".join([*draw.choices(words[label], k=3), f"n{n}"])) for label in counts for n in range(counts[label])
    ]
    draw.shuffle(rows)
    names = [split(label, at) for at, (label, _) in enumerate(rows)] if split else [""] * len(rows)
    header = "label,text,split" if split else "label,text"
    lines = [f"{label},{text}{',' if name else ''}{name}" for (label, text), name in zip(rows, names, strict=True)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def found(small, path, folder, *changes):
    """The findings of a training by their check, and the run."""
    run = zoo_core.train(small(*TASK, *changes), path, run=folder)
    assert [finding.to_dict() for finding in run.findings] == run.summary["findings"]
    return {finding.check: finding for finding in run.findings}, run


@pytest.fixture(scope="module")
def easy(tmp_path_factory):
    return write(tmp_path_factory.mktemp("easy") / "easy.csv", {"good": 60, "bad": 60})


def test_a_sound_training_has_no_warning(small, easy, tmp_path):
    findings, run = found(small, easy, tmp_path / "r", "training.epochs=100", "optimizer.lr=0.3")
    assert {check: one.severity for check, one in findings.items()} == {"majority": "note", "last-epoch-best": "note"}
    accuracy, share = "1.0000 (0.8241 to 1.0000)", "0.5000 (0.2903 to 0.7097)"
    assert findings["majority"].message == f'accuracy {accuracy} on test; always answering "bad" gives {share}'
    assert open_run(tmp_path / "r", zoo=run.zoo).findings == run.findings


@pytest.mark.parametrize(
    ("shares", "best", "expected"),
    [
        ((0.8, 0.8, 0.8), 1, set()),
        ((0.8, 0.8, 0.79), 1, set()),
        ((0.9, 0.4, 0.5), 1, {"first-epoch-best"}),
        ((0.8, 0.8, 0.8), 3, set()),
        ((0.8, 0.8, 0.82), 3, set()),
        ((0.2, 0.3, 0.8), 3, {"last-epoch-best"}),
    ],
)
def test_advice_on_epochs_needs_a_difference_beyond_chance(record, shares, best, expected):
    history = tuple({"train_loss": 1 / epoch, "val_accuracy": one} for epoch, one in enumerate(shares, start=1))
    plan = evolve(record.plan, training=evolve(record.plan.training, monitor="accuracy", epochs=3))
    changed = evolve(record, result=TrainingResult({}, best, history, 3), plan=plan)
    found = {one.check for check in (check_epochs, check_losses) for one in check(changed)}
    assert found == expected


def test_the_last_epoch_was_the_best(small, easy, tmp_path):
    findings, _ = found(small, easy, tmp_path / "r", "training.epochs=4", "optimizer.lr=0.01")
    assert (findings["last-epoch-best"].severity, findings["last-epoch-best"].hint) == (
        "warning",
        "--set training.epochs=8",
    )
    longer, _ = found(small, easy, tmp_path / "s", "training.epochs=1")
    assert "1 epoch only" in longer["last-epoch-best"].message


def test_classes_are_rare_look_alike_or_are_missing_from_a_split(small, tmp_path):
    counts = {"good": 60, "Good ": 40, "bad": 60, "odd": 4}
    splits = ("train", "val", "test")
    path = write(tmp_path / "d.csv", counts, lambda label, at: splits[0 if label == "odd" else at % 3])
    findings, _ = found(small, path, tmp_path / "r", "loss=cross-entropy")
    assert findings["rare-class"].message == "train has fewer than 10 rows of class odd (4)"
    assert findings["rare-class"].hint == "add rows, or drop rare classes: --set task.min_rows=15"
    few, _ = found(
        small, write(tmp_path / "f.csv", {"good": 6, "bad": 6}, lambda _, at: splits[at % 3]), tmp_path / "f"
    )
    assert few["rare-class"].hint == "add rows"  # no class would be left
    assert "odd" in findings["missing-class"].message and findings["missing-class"].severity == "warning"
    assert "f1 is the mean over" in findings["macro-average"].message
    assert findings["macro-average"].severity == "note"
    assert '"good"' in findings["similar-labels"].message and '"Good"' in findings["similar-labels"].message


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    """Labels that no text tells."""
    draw = random.Random(3)
    lines = [f"{draw.choice(['yes', 'yes', 'no'])},{' '.join(draw.choices('abcdefgh', k=4))} {n}" for n in range(150)]
    path = tmp_path_factory.mktemp("noise") / "noise.csv"
    path.write_text("\n".join(["label,text", *lines]) + "\n", encoding="utf-8")
    return path


def test_no_better_than_the_majority(small, noise, tmp_path):
    findings, run = found(small, noise, tmp_path / "r")
    majority = findings["majority"]
    assert majority.severity == "warning" and "not clearly better on " in majority.message
    assert 'always answering "yes" gives 0.' in majority.message
    assert majority.hint == f"zoo evaluate {run.folder} --by-class shows the classes that are missed"


def test_one_feature(small, easy, tmp_path):
    findings, _ = found(small, easy, tmp_path / "r", "vectorizer.cutoff=50")
    assert findings["few-features"].hint == "--set vectorizer.cutoff=0 keeps rarer ones"


def test_leaked_and_unknown_texts(small, tmp_path):
    words, splits = (("good", "fine"), ("bad", "poor")), ("train", "val", "test")
    lines = [f"{words[n % 2][0]},{words[n % 2][1]} w{n % 7},{splits[n % 3]}" for n in range(90)]
    lines += [f"good,zzz{n} qqq{n},test" for n in range(4)]
    path = tmp_path / "d.csv"
    path.write_text("\n".join(["label,text,split", *lines]) + "\n", encoding="utf-8")
    findings, _ = found(small, path, tmp_path / "r")
    assert findings["in-several-splits"].severity == "warning"
    assert findings["in-several-splits"].hint == f"zoo data check {path} lists them"
    assert findings["unknown-text"].message == "texts without a word that the run knows: 4 of 34 in test"
    assert (findings["unknown-text"].count, findings["unknown-text"].severity) == (4, "warning")


def test_losses_that_explode(small, noise, tmp_path):
    findings, _ = found(small, noise, tmp_path / "r", "optimizer.lr=1e4", "training.epochs=4")
    assert {"loss-rose", "loss-exploded"} & set(findings)
    assert findings["loss-exploded"].hint == "--set optimizer.lr=1000"
    assert "calibration" not in findings


def test_a_check_that_fails_finds_nothing(small, easy, tmp_path, monkeypatch):
    def fail(_record):
        raise RuntimeError

    monkeypatch.undo()
    monkeypatch.setattr(checks, "CHECKS", (fail, checks.CHECKS[-3]))
    assert list(found(small, easy, tmp_path / "r")[0]) == ["majority"]
    monkeypatch.setattr(checks, "make_record", fail)
    assert found(small, easy, tmp_path / "s")[0] == {}


@pytest.fixture(scope="module")
def record(small, easy, tmp_path_factory):
    """The record of a training, to be changed."""
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "CHECKS", (lambda record: iter(kept.append(record) or ()),))
        zoo_core.train(small(*TASK), easy, run=tmp_path_factory.mktemp("record") / "r")
    return kept[0]


def course(record, losses, val, best, **settings):
    history = tuple({"train_loss": a, "val_loss": b} for a, b in zip(losses, val, strict=True))
    plan = evolve(record.plan, training=evolve(record.plan.training, **settings))
    changed = evolve(record, result=TrainingResult({}, best, history, plan.training.epochs), plan=plan)
    return {one.check: one for check in checks.CHECKS for one in check(changed)}


COURSES = [
    ([0.7, 0.5, 0.4], [0.7, 0.5, 0.4], 3, 3, {"last-epoch-best": "warning"}),
    ([0.7, *[0.2] * 18, 0.199], [0.7, *[0.2] * 18, 0.199], 20, 20, {"last-epoch-best": "note"}),
    ([0.7, 0.5, 0.4], [0.7, 0.5, 0.4], 3, 9, {}),  # interrupted, or stopped for another reason
    ([0.7, 0.5, 0.4], [0.7, 0.8, 0.9], 1, 3, {"first-epoch-best": "note"}),
    ([0.7, 0.7, 0.7], [0.7, 0.8, 0.9], 1, 3, {"first-epoch-best": "warning"}),
    ([0.7, 3.0, 90.0], [0.7, 3.0, 9.0], 1, 3, {"loss-rose": "warning"}),
    ([0.7, 0.9, 0.6], [0.7, 0.5, 0.6], 2, 3, {}),
]


@pytest.mark.parametrize(("losses", "val", "best", "epochs", "expected"), COURSES)
def test_the_course_of_a_training(record, losses, val, best, epochs, expected):
    findings = course(record, losses, val, best, epochs=epochs)
    course_checks = {"last-epoch-best", "first-epoch-best", "loss-rose"}
    assert {name: one.severity for name, one in findings.items() if name in course_checks} == expected
    for name in expected:
        assert findings[name].hint.startswith("--set ")


def test_probabilities_far_from_their_frequencies(record):
    head = Head(("a", "b"), 1, "sigmoid")
    generator = torch.Generator().manual_seed(1)
    chance = torch.rand(600, generator=generator, dtype=torch.float64)
    targets = (torch.rand(600, generator=generator, dtype=torch.float64) < chance).long()
    scores = torch.logit(chance).unsqueeze(1)

    def findings(scores):
        changed = evolve(record, head=head, scores=scores, targets=targets)
        return {one.check: one for check in checks.CHECKS[-3:] for one in check(changed)}

    assert "calibration" not in findings(scores)  # perfect ones: the error is noise
    high, low = findings(3 * scores)["calibration"], findings(scores / 4)["calibration"]
    assert ("too high" in high.message, high.severity) == (True, "warning")
    assert ("too low" in low.message, low.severity) == (True, "note")
    few = evolve(record, head=head, scores=scores[:12], targets=targets[:12])
    assert not list(checks.CHECKS[-2](few))  # too few rows to tell


def summary_of(run, **changes):
    return json.dumps({**run.summary, "data": {**run.summary["data"]}, **changes}, default=list).encode()


def test_findings_of_a_folder_are_checked_and_may_be_missing(small, easy, tmp_path):
    _, run = found(small, easy, tmp_path / "r", "training.epochs=1")
    old = {key: value for key, value in run.summary.items() if key != "findings"}
    assert evolve(run, summary=old).findings == ()
    parse_summary(summary_of(run), tmp_path)
    one = run.summary["findings"][0]
    for wrong in ({}, [1], [{}], [{**one, "more": 1}], [{**one, "severity": "bad"}], [{**one, "count": "1"}]):
        with pytest.raises(RunFolderError, match="invalid result"):
            parse_summary(summary_of(run, findings=wrong), tmp_path)
