import json
import shutil

import numpy as np
import polars as pl
import pytest
import torch
from attrs import evolve

from tests.core.targets.conftest import TAGS, make_rows
from zoo_core import fit
from zoo_core.components.decisions.decision import LabelThresholds
from zoo_core.errors import DataError, RecipeError, RunFolderError
from zoo_core.evaluation import diagnostics
from zoo_core.evaluation.baseline import majority_baseline
from zoo_core.experiments.scoring import resolve_metric, score_trial
from zoo_core.runs.calibration.by_label import LabelCalibrations
from zoo_core.runs.decisions.choose import find_decision, save_decision
from zoo_core.runs.decisions.label_thresholds import search_label_thresholds
from zoo_core.runs.decisions.objectives import Least, Objective, find_metric
from zoo_core.runs.decisions.stored import StoredDecision
from zoo_core.runs.load import open_run
from zoo_core.runs.report import _panel_functions
from zoo_core.runs.results import wrong_rows
from zoo_core.runs.results.score_checks import ScoredRows, check_calibration

TEXTS = ["red green thing", "blue", "square thing", "blue green red rare"]


@pytest.fixture
def copied(tag_run, tmp_path):
    """The run in a folder of its own."""
    shutil.copytree(tag_run.folder, tmp_path / "run")
    return tmp_path / "run", tag_run.zoo


def test_a_run_is_opened_as_it_was(tag_run):
    opened = open_run(tag_run.folder, zoo=tag_run.zoo)
    assert opened.head == tag_run.head and opened.head.targets == "multi-label"
    assert opened.head.outputs == len(TAGS) and opened.head.link == "sigmoid"
    stored = opened.stored_validation
    assert stored.targets.dtype == torch.bool and torch.equal(stored.scores, tag_run.stored_validation.scores)
    assert torch.equal(stored.loss_targets, tag_run.stored_validation.loss_targets)
    assert opened.predict(TEXTS).labels == tag_run.predict(TEXTS).labels


def test_predictions_have_the_labels_and_every_probability(tag_run):
    found = tag_run.predict(TEXTS)
    with torch.inference_mode():
        scores = tag_run.module(tag_run._encode(pl.Series(TEXTS)))
    probabilities = tag_run.head.probabilities(scores)
    plain = evolve(tag_run.head, calibration=None)
    assert torch.allclose(plain.probabilities(scores), torch.sigmoid(scores))
    assert found.labels == [
        [tag for tag, p in zip(TAGS, row, strict=True) if p >= 0.5] for row in probabilities.tolist()
    ]
    frame = found.frame()
    assert frame.columns == ["label", *(f"p_{tag}" for tag in TAGS)] and frame["label"].dtype == pl.List(pl.String)
    assert torch.allclose(torch.tensor(frame.drop("label").to_numpy()).float(), probabilities)
    top = found.frame(top=2)
    assert top.columns == ["label", "label_1", "p_1", "label_2", "p_2"]
    assert top["p_1"].to_list() == pytest.approx(probabilities.max(dim=1).values.tolist())
    assert tag_run.predict([]).labels == []
    with_threshold = tag_run.predict(TEXTS, threshold=0.0)
    assert with_threshold.labels == [list(TAGS)] * len(TEXTS)


def test_thresholds_by_class_are_found_stored_and_read(tag_run, copied):
    folder, zoo = copied
    run, scored = open_run(folder, zoo=zoo), tag_run.stored_validation
    chosen = find_decision(run, find_metric(run, "f1"), scored)
    found = save_decision(run, evolve(chosen.stored, decision=LabelThresholds((0.3, 0.4, 0.5, 0.1))))
    again = open_run(folder, zoo=zoo)
    assert again.head.decision == found.head.decision == LabelThresholds((0.3, 0.4, 0.5, 0.1))
    values = again.head.probabilities(scored.scores)
    assert torch.equal(
        again.head.predict(scored.scores), values.double() >= torch.tensor([0.3, 0.4, 0.5, 0.1]).double()
    )
    content = json.loads((folder / "decision.json").read_text())
    assert content["thresholds"] == dict(zip(TAGS, (0.3, 0.4, 0.5, 0.1), strict=True)) and content["threshold"] is None


def test_each_threshold_is_the_best_of_its_class(tag_run):
    scored = tag_run.stored_validation
    probabilities = tag_run.head.probabilities(scored.scores).double()
    objective = Objective(tag_run.head, find_metric(tag_run, "f1"))
    decision = search_label_thresholds(probabilities, scored.targets, objective)

    def f1(column, threshold):
        predicted, actual = probabilities[:, column] >= threshold, scored.targets[:, column]
        return float(2 * (predicted & actual).sum() / (predicted.sum() + actual.sum()).clamp(min=1))

    for column, threshold in enumerate(decision.thresholds):
        best = max(f1(column, value) for value in probabilities[:, column].tolist())
        assert f1(column, threshold) == pytest.approx(best)


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ((), "every label with a probability of at least 0.5"),
        ((0.3, 0.3), "every label with a probability of at least 0.3"),
        ((0.3, 0.5), "thresholds by class"),
    ],
)
def test_words_of_thresholds(thresholds, words):
    assert LabelThresholds(thresholds).describe() == words


def test_a_metric_of_one_label_finds_the_threshold_of_this_label(tag_run):
    scored, tag = tag_run.stored_validation, TAGS[1]
    probabilities = tag_run.head.probabilities(scored.scores).double()
    one = find_metric(tag_run, f'{{use = "f1", of = "{tag}"}}')
    every = search_label_thresholds(probabilities, scored.targets, Objective(tag_run.head, find_metric(tag_run, "f1")))
    found = search_label_thresholds(probabilities, scored.targets, Objective(tag_run.head, one))
    assert found.thresholds == (0.5, every.thresholds[1], *[0.5] * (len(TAGS) - 2))
    condition = Objective(tag_run.head, find_metric(tag_run, "f1[macro]"), least=Least(one, 0.9))
    assert search_label_thresholds(probabilities, scored.targets, condition).thresholds[2:] == every.thresholds[2:]
    unknown = Objective(tag_run.head, find_metric(tag_run, '{use = "f1", of = "none"}'))
    with pytest.raises(RecipeError, match=f"unknown class.*choose from {TAGS[0]}, {TAGS[1]}"):
        search_label_thresholds(probabilities, scored.targets, unknown)


def test_a_class_without_rows_or_with_all_keeps_the_default(tag_run):
    targets = tag_run.stored_validation.targets.clone()
    targets[:, 0], targets[:, 1] = False, True
    probabilities = torch.rand(targets.shape, generator=torch.Generator().manual_seed(1))
    objective = Objective(tag_run.head, find_metric(tag_run, "f1"))
    decision = search_label_thresholds(probabilities, targets, objective)
    assert decision.thresholds[:2] == (0.5, 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thresholds": {**dict.fromkeys(TAGS, 0.5), "red": 1.5}}, "expected 4 thresholds between 0 and 1"),
        ({"thresholds": {"red": 0.5}}, "invalid thresholds"),
        ({"threshold": 0.5}, "invalid decision"),
        ({"costs": {true: dict.fromkeys(TAGS, 1.0) for true in TAGS}}, "costs of mistakes"),
    ],
)
def test_a_changed_decision_is_rejected(copied, change, message):
    folder, zoo = copied
    run = open_run(folder, zoo=zoo)
    save_decision(run, StoredDecision(LabelThresholds((0.3, 0.4, 0.5, 0.1))))
    values = json.loads((folder / "decision.json").read_text()) | change
    with pytest.raises(RunFolderError, match=message):
        StoredDecision.read(json.dumps(values).encode(), folder / "decision.json", run.head)


def test_thresholds_by_name(tag_run):
    given = dict.fromkeys(TAGS, 0.9)
    assert tag_run.with_thresholds(given).head.decision == LabelThresholds((0.9,) * 4)
    with pytest.raises(RecipeError, match='unknown class "rde"') as caught:
        tag_run.with_thresholds({**given, "rde": 0.5})
    assert caught.value.problems[0].hint == 'did you mean "red"?'
    with pytest.raises(RecipeError, match="expected a number from 0 to 1"):
        tag_run.with_thresholds({**given, "red": 2})


@pytest.mark.parametrize("calibrator", ["temperature", "platt", "isotonic"])
def test_calibrators_correct_each_label(prepare_tags, tmp_path, calibrator):
    recipe, prepared = prepare_tags(f"calibrator={calibrator}", "training.epochs=1")
    run = fit(recipe, prepared, run=tmp_path / "run")
    calibration = run.head.calibration
    assert isinstance(calibration.fitted, LabelCalibrations) and len(calibration.fitted.fitted) == len(TAGS)
    assert calibration.describe().startswith(f"{calibrator} by label, fitted on 60 rows")
    opened = open_run(run.folder, zoo=run.zoo)
    assert opened.head == run.head
    scores = run.stored_validation.scores
    assert torch.equal(opened.head.probabilities(scores), run.head.probabilities(scores))
    pair = run.head.log_probabilities(scores)[:, 2]
    alone = run.plan.calibrator.fit(pair, run.stored_validation.targets[:, 2].long())
    assert torch.allclose(run.head.probabilities(scores.double())[:, 2], alone.probabilities(pair)[:, 1])
    assert run.summary["calibration"]["after"]["log-loss"] > 0


def test_what_needs_one_label_is_refused(tag_run):
    for options in ({"abstain_below": 0.5}, {"accuracy": 0.9}, {"coverage": 0.9}):
        with pytest.raises(RecipeError, match="need one label for each text, and this task reads several"):
            tag_run.predict(TEXTS, **options)
    with pytest.raises(RecipeError, match="costs of mistakes need one label"):
        tag_run.with_costs({"fn": 5, "fp": 1})
    scored = tag_run.stored_validation
    with pytest.raises(RecipeError, match="confusion matrices need one label"):
        diagnostics.confusion(tag_run.head, scored.scores, scored.targets)


def test_reports_and_curves_of_each_label(tag_run):
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support, roc_auc_score

    head, scored = tag_run.head, tag_run.stored_validation
    predicted, targets = head.predict(scored.scores).numpy(), scored.targets.numpy()
    reports = diagnostics.class_reports(head, scored.scores, scored.targets)
    expected = precision_recall_fscore_support(targets, predicted, zero_division=0)
    found = [[report.precision, report.recall, report.f1, report.rows] for report in reports]
    assert np.allclose(found, np.array(expected).T)
    precisions = [(report.precision, report.intervals["precision"]) for report in reports]
    assert all(interval.contains(value) for value, interval in precisions if interval)
    values = head.probabilities(scored.scores.double()).numpy()
    for curves, score in (
        (diagnostics.roc(head, scored.scores, scored.targets), roc_auc_score),
        (diagnostics.precision_recall(head, scored.scores, scored.targets), average_precision_score),
    ):
        assert [curve.area for curve in curves] == pytest.approx(score(targets, values, average=None).tolist())
    found = diagnostics.reliability(head, scored.scores, scored.targets)
    assert found.of == "probability of a label"
    metric = find_metric(tag_run, "expected-calibration-error").build(head)
    metric.update(head.probabilities(scored.scores.double()), scored.targets)
    assert found.expected_calibration_error == pytest.approx(metric.compute())


@pytest.mark.parametrize(("factor", "words"), [(9.0, "they are too near to 0 and 1"), (0.1, "they are too far from")])
def test_badly_calibrated_labels_are_told(tag_run, factor, words):
    scored = tag_run.stored_validation
    is_right = torch.arange(len(scored.targets)).unsqueeze(1) % 4 > 0
    logits = torch.where(scored.targets == is_right, 1.0, -1.0)
    rows = ScoredRows(evolve(tag_run.head, calibration=None), factor * logits, scored.targets, "val", "run")
    (finding,) = check_calibration(rows)
    assert words in finding.message


def test_the_majority_is_the_best_constant_label_set(tag_run):
    _, labels = make_rows()
    sets = [tuple(own) for own in labels[120:180]]
    best = max(sorted(set(sets)), key=sets.count)
    assert tag_run.summary["majority"]["val"]["share"] == sets.count(best) / 60
    scored = tag_run.stored_validation
    found = majority_baseline(tag_run.head, tag_run.head.predict(scored.scores), scored.targets)
    assert found.share == sets.count(best) / 60
    assert found.accuracy == pytest.approx(tag_run.summary["metrics"]["val"]["accuracy"])


def test_explains_a_label(tag_run):
    found = tag_run.explain("red thing blue", label="red")
    assert found.label == "red" and found.contributions[0].token == "red"
    assert tag_run.explain("blue").label == "blue"


def test_metrics_have_intervals(tag_run):
    for name, ends in tag_run.summary["intervals"]["test"].items():
        value = tag_run.summary["metrics"]["test"][name]
        assert ends is not None and ends[0] <= value <= ends[1], name
        assert ends[0] < ends[1], name


@pytest.mark.parametrize("name", ["accuracy", "f1", "loss", "roc-auc"])
def test_trials_are_scored_by_row_or_by_bootstrap(tag_run, name):
    plan, head, scored = tag_run.plan, tag_run.head, tag_run.stored_validation
    metric = resolve_metric(tag_run.zoo.registry, name, [plan])
    found = score_trial(plan, head, metric, scored.scores, scored.loss_targets, bootstrap_samples=30)
    assert found.value == pytest.approx(tag_run.summary["metrics"]["val"][name], rel=1e-5)
    assert found.rows == 60 and found.interval.contains(found.value)
    if name == "accuracy":
        correct = (head.predict(scored.scores) == scored.targets).all(dim=1)
        assert found.correct.tolist() == correct.tolist()
    else:
        assert found.bootstrap_values.std() > 0


def test_a_metric_of_one_label_is_refused(tag_run):
    for use in (
        lambda: resolve_metric(tag_run.zoo.registry, "matthews", [tag_run.plan]),
        lambda: find_decision(tag_run, find_metric(tag_run, "matthews"), tag_run.stored_validation),
    ):
        with pytest.raises(RecipeError, match='metric "matthews" is for single-label targets, not multi-label ones'):
            use()


def test_rows_of_one_label_set_alone_find_no_threshold(tag_run):
    scored = evolve(tag_run.stored_validation, loss_targets=torch.ones(60, 4))
    with pytest.raises(DataError, match='a threshold cannot be chosen on rows of "blue, green, red, rare" alone'):
        find_decision(tag_run, find_metric(tag_run, "f1"), scored)


def test_the_page_of_a_run_leaves_out_the_confusion(tag_run):
    scored = tag_run.stored_validation
    panels = _panel_functions(tag_run, (scored.scores, scored.targets), 3)
    assert len(panels["roc"]()) == len(panels["pr"]()) == len(TAGS)
    with pytest.raises(RecipeError, match="confusion matrices need one label for each text"):
        panels["confusion"]()


def test_wrong_rows_have_the_labels_and_words(tag_run, monkeypatch):
    class Rows:
        texts, table = pl.Series(make_rows()[0][120:180]), None

        def numbers_of(self, rows):
            return [row + 1 for row in rows]

    scored = evolve(tag_run.stored_validation, rows=Rows())
    monkeypatch.setattr(wrong_rows, "line_numbers", lambda _table, _numbers: {})
    found = tag_run.wrong_rows(scored, limit=4)
    assert len(found) == 4
    for row in found:
        assert row.true != row.predicted
        names = [TAGS[index] for index in scored.targets[row.row - 1].nonzero().flatten().tolist()]
        assert row.true == (", ".join(names) or "no label")
        assert row.value > 0.5
    every = tag_run.wrong_rows(scored)
    causes = {
        name: {word.value > 0 for row in every if getattr(row, name) == "no label" for word in row.words}
        for name in ("true", "predicted")
    }
    assert causes == {
        "true": {True},
        "predicted": {False},
    }  # what raises a label that is predicted, lowers a missed one
