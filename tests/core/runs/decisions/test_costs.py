"""Costs of mistakes: read from options and files, and the decision with the least mean cost."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core.components.decisions.decision import Decision, mean_cost
from zoo_core.components.head import Head
from zoo_core.errors import DataError, InputOutputError, RecipeError
from zoo_core.runs.calibration.stored import calibration_digest
from zoo_core.runs.decisions.choose import choose_by_cost, save_decision
from zoo_core.runs.decisions.cost_tables import MAX_BYTES, MAX_CLASSES, parse_costs, read_costs
from zoo_core.runs.decisions.stored import StoredDecision
from zoo_core.runs.load import open_run
from zoo_core.runs.predictions import ScoredSplit

TWO, THREE = ("ham", "spam"), ("a", "b b", "1.5")
TABLE = ((0, 1, 2), (3, 0, 4), (5, 6, 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{fn=5, fp=1}", ((0, 1), (5, 0))),
        ("{ fn = 5, fp = 1, tp = -2, tn = 0.5 }", ((0.5, 1), (5, -2))),
        ("{ ham = { spam = 1 }, spam = { ham = 5 } }", ((0, 1), (5, 0))),
        ("{ ham = { ham = -1, spam = 1 }, spam = { ham = 5, spam = 0 } }", ((-1, 1), (5, 0))),
    ],
)
def test_costs_of_two_classes(text, expected):
    assert parse_costs(text, TWO) == expected


FILES = {
    "t.toml": '[a]\n"b b" = 1\n"1.5" = 2\n["b b"]\na = 3\n"1.5" = 4\n["1.5"]\na = 5\n"b b" = 6\n',
    "t.csv": "true,a,b b,1.5\na,0,1,2\nb b,3,,4\n\n1.5,5,6,0\n",
    "bom.csv": "\ufefftrue,1.5,a,b b\n1.5,0,5,6\n b b , 4 , 3 , 0 \na,2,0,1\n",
    "t.tsv": "true\ta\tb b\t1.5\na\t0\t1\t2\nb b\t3\t0\t4\n1.5\t5\t6\t0\n",
    "semicolons.csv": "true;a;b b;1.5\na;0;1;2\nb b;3;0;4\n1.5;5;6;0\n",
    "quoted.csv": '"","a","b b","1.5"\n"a",0,1,2\n"b b",3,0,4\r\n"1.5",5,6,0',
}


@pytest.mark.parametrize("name", FILES)
def test_costs_in_a_file(tmp_path, name):
    (tmp_path / name).write_text(FILES[name], "utf-8", newline="")
    assert parse_costs(str(tmp_path / name), THREE) == TABLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{fn=5}", "missing the cost of fp"),
        ("{fn=5, fp=x}", "invalid"),
        ("{fn=5, fp='x'}", 'fp: must be a number, not the string "x"'),
        ("{fn=5, fp=true}", "fp: must be a number, not true"),
        ("{fn=5, fp=nan}", "fp: must be a number"),
        ("{fn=5, fp=inf}", "fp: must be a number"),
        ("{fn=5, fp=1, fx=1}", 'unknown kind of mistake "fx"'),
        ("{fn=-5, fp=1}", "a mistake costs less than the right answer"),
        ("{fn=5, fp=1, tn=2}", "a mistake costs less than the right answer"),
        ("{fn=0, fp=0}", "expected mistakes that cost more"),
        ("{fn=1e300, fp=1}", "at most 1e12"),
        ("{}", "the costs must be a table"),
        ("{ham={spam=1}}", "missing the costs of spam"),
        ("{ham={spam=1}, spam=5}", "spam: must be a table"),
        ("{ham={spam=1}, spam={ham=5}, egg={ham=1}}", 'unknown class "egg"'),
        ("{ham={spma=1}, spam={ham=5}}", 'ham: unknown class "spma"'),
        ("{ham={ham=0}, spam={ham=5}}", "ham: missing the costs of spam"),
    ],
)
def test_invalid_costs_are_one_error_in_words(text, said):
    with pytest.raises(RecipeError, match=said) as caught:
        parse_costs(text, TWO)
    assert len(caught.value.problems) == 1


def test_fn_and_fp_are_for_two_classes_and_a_table_for_not_too_many():
    with pytest.raises(RecipeError, match="fn and fp are the mistakes of two classes, the run has 3"):
        parse_costs("{fn=5, fp=1}", THREE)
    with pytest.raises(RecipeError, match="at most 200 classes"):
        read_costs({"fn": 1}, tuple(map(str, range(MAX_CLASSES + 1))))
    assert parse_costs("{fn={fp=2}, fp={fn=1}}", ("fn", "fp")) == ((0, 2), (1, 0))  # classes of these names


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", b"", "the file is empty"),
        ("t.csv", b"true,a,b b,1.5\na,0,1\n", r"t.csv:2: got 2 costs, expected 3"),
        ("t.csv", b"true,a,b b,1.5\na,0,1,2\na,0,1,2\n", r"t.csv:3: got a class twice"),
        ("t.csv", b"true,a,a,1.5\na,0,1,2\n", r"t.csv:2: got a class twice"),
        ("t.csv", b"true,a,b b,1.5\na,0,many,2\n", r't.csv:2: must be a number, not "many"'),
        ("t.csv", b"true,a,b b,1.5\na,0,,2\nb b,1,0,2\n1.5,1,1,0\n", r't.csv:2: must be a number, not ""'),
        ("t.csv", b"true,a,b b,1.5\na,0,1,2\n", "missing the costs of "),
        ("t.csv", b"true,a,b b,1.5\na,0,1,inf\nb b,1,0,2\n1.5,1,1,0\n", "a.1.5: must be a number"),
        ("t.csv", b"\xff\xfe", "invalid UTF-8"),
        ("t.csv", b"true,a,b b,1.5\n\0", "t.csv"),
        ("t.toml", b"a = {", r"t.toml:1"),
        ("t.json", b'{"fn": 5, "fp": 1}', r"t.json:1: invalid TOML.*hint: a file of costs is TOML, or has a name in"),
        ("t.toml", b"\0", "not a text in UTF-8"),
        ("t.toml", b"[a]\n", "missing the costs of"),
        ("big.csv", b"a" * (MAX_BYTES + 1), "larger than 1 MiB"),
    ],
)
def test_an_invalid_file_is_one_error_with_its_name(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=said) as caught:
        parse_costs(str(tmp_path / name), THREE)
    assert len(caught.value.problems) == 1 and name in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        parse_costs(str(tmp_path / "no.csv"), THREE)
    with pytest.raises((DataError, InputOutputError)):
        parse_costs(str(tmp_path), THREE)


costs_of_two = st.tuples(*[st.integers(1, 20)] * 2, *[st.integers(-3, 0)] * 2)


@given(values=costs_of_two, rows=st.lists(st.tuples(st.integers(-30, 30), st.booleans()), min_size=4, max_size=25))
def test_the_least_expected_cost_of_two_classes_is_a_threshold(values, rows):
    fp, fn, tn, tp = values
    decision = Decision.of_costs(((tn, fp), (fn, tp)))
    probabilities = torch.sigmoid(torch.tensor([[-number / 7, number / 7] for number, _ in rows]).double())
    for (negative, positive), chosen in zip(
        probabilities.tolist(), decision.choose(probabilities).tolist(), strict=True
    ):
        expected = [negative * tn + positive * fn, negative * fp + positive * tp]
        assert expected[chosen] <= min(expected) + 1e-12


@given(data=st.data(), classes=st.integers(3, 6))
def test_the_least_expected_cost_of_more_classes(data, classes):
    number = st.integers(0, 9)
    costs = [[0 if true == at else data.draw(number) for at in range(classes)] for true in range(classes)]
    shares = data.draw(st.lists(st.integers(1, 9), min_size=classes, max_size=classes))
    probabilities = torch.tensor([shares]).double() / sum(shares)
    chosen = int(Decision(costs=tuple(map(tuple, costs)), by_cost=True).choose(probabilities))
    expected = [sum(p * costs[true][at] for true, p in enumerate(probabilities[0].tolist())) for at in range(classes)]
    assert expected[chosen] == pytest.approx(min(expected))


def logits(values):
    return torch.tensor(values, dtype=torch.float32).view(-1, 1)


@settings(max_examples=25)
@given(
    rows=st.lists(st.tuples(st.integers(-12, 12), st.booleans()), min_size=4, max_size=40),
    fn=st.integers(1, 9),
    fp=st.integers(1, 9),
)
def test_the_chosen_threshold_costs_no_more_than_one_half_or_that_of_the_costs(trained, rows, fn, fp):
    if len({truth for _, truth in rows}) == 1:
        return
    scores, targets = logits([number / 4 for number, _ in rows]), torch.tensor([int(truth) for _, truth in rows])
    costs = ((0.0, float(fp)), (float(fn), 0.0))
    chosen = choose_by_cost(trained, costs, ScoredSplit(scores, targets, "here", "val"))

    def cost_at(threshold):
        return mean_cost(costs, trained.with_threshold(threshold).head.predict(scores), targets)

    found = cost_at(chosen.stored.decision.threshold)
    assert chosen.stored.choice.metric_value == pytest.approx(found)
    assert found <= min(cost_at(0.5), cost_at(fp / (fp + fn)))
    values = trained.head.probabilities(scores)[:, 1].tolist()
    best = min(cost_at(threshold) for threshold in (0.0, 0.5, 1.0, *values))
    is_searched = chosen.out_of_fold is not None and not chosen.is_simple
    assert found == pytest.approx(best) if is_searched else found >= best - 1e-9


def test_a_stored_decision_by_cost_is_read_again(trained, folder, zoo):
    run = open_run(folder, zoo=zoo)
    scored = run.score_split(for_tuning=True)
    chosen = choose_by_cost(run, ((0, 1), (9, 0)), scored).stored
    save_decision(run, chosen)
    opened = open_run(folder, zoo=zoo)
    stored = evolve(chosen, calibration=calibration_digest(run.head))
    assert (opened.decision, opened.head.decision) == (stored, chosen.decision)
    assert opened.evaluate_scores(scored)["cost"] == pytest.approx(chosen.choice.metric_value)
    assert "of the least mean cost on val of" in chosen.describe()
    before = mean_cost(((0, 1), (9, 0)), run.head.predict(scored.scores), scored.targets)
    assert chosen.choice.metric_value <= before
    assert StoredDecision.read(chosen.to_json(run.head), Path("d.json"), run.head) == chosen


def test_no_rule_of_the_likeliest_class_costs_less_on_the_rows(trained):
    """Of three classes: the least expected cost, the most probable class, and what was searched."""
    run = evolve(trained, head=Head(THREE, 3, "softmax"))
    for seed in range(8):
        generator = torch.Generator().manual_seed(seed)
        targets = torch.multinomial(torch.tensor([0.7, 0.2, 0.1]), 60, replacement=True, generator=generator)
        scores = torch.randn(60, 3, generator=generator)
        scores[torch.arange(60), targets] += 1
        chosen = choose_by_cost(run, TABLE, ScoredSplit(scores, targets, "here", "val")).stored
        probabilities = torch.softmax(scores, dim=1)
        simple = [Decision(costs=TABLE), Decision.of_costs(TABLE)]
        costs = [mean_cost(TABLE, one.choose(probabilities), targets) for one in simple]
        assert chosen.choice.metric_value <= min(costs) + 1e-9
        assert StoredDecision.read(chosen.to_json(run.head), Path("d.json"), run.head) == chosen
