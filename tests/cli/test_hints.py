"""Hints that are pasted back: after the hint of an error, the same error does not come back."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

import zoo_core.config.zoo as zoo_module

sys.path.insert(0, os.fspath(Path(__file__).parent))
from hints import applied, parse_error

CALLS = """
list activatoin
list lossess
list --jsno
list --no-plugins
list --no-plugin textbok
list --debug
lst
trian yelp-mlp --data none.csv
show activation reluu
show activatoin relu
show recipe yelp-mpl
show recpie yelp-mlp
show prelu2
--no-plugn x list
plot activatoin relu
plot activation reluu
plot loss bceee
plot activation prelu --set prelu.int=1
plot activation prelu --set prelluu.init=1
plot activation prelu --set init=0.2
recipe lst
recipe chek yelp-mlp
recipe check yelp-mlpp
recipe check yelp_mlp
recipe check mien.toml
recipe check broken.toml
recipe check yelp-mlp --set epohcs=3
recipe check yelp-mlp --set lr=0.1
recipe check yelp-mlp --set hidden=[3]
recipe check yelp-mlp --set training.epohcs=3
recipe check yelp-mlp --set model.hiden=[3]
recipe check yelp-mlp --set model=mlpp
recipe check yelp-mlp --set model=zzzzzz
recipe check yelp-mlp --set model.activation=reluu
recipe check yelp-mlp --set modle=mlp
recipe check yelp-mlp --set zzzzzz=1
recipe check yelp-mlp --set optimizer.zzzzzz=1
recipe check yelp-mlp --set training.metrics=['acuracy']
recipe check yelp-mlp --set training.monitor=acuracy
recipe check yelp-mlp --set training.class_weights=balancd
recipe check yelp-mlp --set training.device=gpux
recipe check yelp-mlp --model mlpp
recipe check yelp-mlp --task yelpp
recipe check yelp-mlp --optimizer adamm
recipe check yelp-mlp --device cudaa
recipe check yelp-mlp --epoch 3
recipe why yelp-mlp model.activaton
recipe why yelp-mlp zzzzzz
recipe fits yelp-mlp model.activaton
recipe fits yelp-mlp zzzzzz
recipe diff yelp-mlp yelp-perceptro
recipe show yelp-mlp --anotated
recipe new mine.toml
recipe lock yelp-mlpp
recipe lock yelp-mlp -o taken.csv
recipe schema -o taken.csv
swap yelp-mlp model.activation=reluu,tanh --data none.csv
swap yelp-mlp model.activaton=relu,tanh --data none.csv
swap yelp-mlp optimizer.lrr=1,2 --data none.csv
swap yelp-mlp model=mlpp,perceptron --data none.csv
swap yelp-mlpp model=perceptron --data none.csv
swap yelp-mlp model=mlp --data none.csv --out x
train --resum x
train yelp-mlp --dta none.csv
predict run good --input reviews.csv
predict run good --treshold 0.5
evaluate run --split test
evaluate run --split val
compare run run --split test
plot run run --split train
plot run run --only confusionn
plot run run --only zzzzzz
data chek reviews.csv
data check reviews.csv --text revew
data check reviews.csv --label ratng
data check reviews.csv --set task.text=revew
data check reviews.csv --reader csvv
data check reviews.csv --redaer csv
data split reviews.csv -o taken.csv
data split reviews.csv -o s.csv --group ratng
data sample -o taken.csv --rows 3
data sample --task yelpp --rows 3
data sample --format jsnol --rows 3
plugins lst
plugins check textbok --kind zzzzzz
plugins disable textbok
plugins enable textbok
plugins new textzoo-taken
plugins new textzoo-taken --dir textzoo-taken
--no-plugin textbook recipe check yelp-mlp
""".strip().splitlines()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Open the zoo once for all calls with the same plugins."""
    original = zoo_module.open_zoo

    def open_zoo(**options):
        key = (options.get("disabled", ()), options.get("files", ()))
        if key not in OPENED:
            OPENED[key] = original(**options)
        return OPENED[key]

    monkeypatch.setattr(zoo_module, "open_zoo", open_zoo)


OPENED: dict = {}


@pytest.fixture
def files(reviews):
    """Files that the calls name."""
    Path("taken.csv").touch()
    Path("mine.toml").write_text('extends = "yelp-mlp"\n', "utf-8")
    Path("broken.toml").write_text('extends = "mien.toml"\n', "utf-8")
    Path("textzoo-taken").mkdir()
    Path("textzoo-taken/x").touch()


def problems(answer) -> list[tuple[str, str]]:
    lines = [line for line in answer.lines if line.startswith("zoo: error: ")]
    return [parse_error(line) or (line.removeprefix("zoo: error: "), "") for line in lines]


@pytest.mark.parametrize("line", CALLS)
def test_hint_that_is_pasted_back_works(zoo, files, line):
    call = tuple(line.split()) if "'" in line else tuple(shlex.split(line))
    answer = zoo(*call)
    found = problems(answer)
    assert answer.code != 0 and found and not any("unexpected error" in message for message, _ in found), answer.err
    assert any(hint for _, hint in found), answer.err
    for message, hint in found:
        if not hint:
            continue
        corrected = applied(call, message, hint)
        if message.startswith(("broken.toml", "--no-plugin")) or "is disabled" in message:  # not on the command line
            continue
        assert corrected is not None, f"advice in words: {hint}"
        assert message not in [again for again, _ in problems(zoo(*corrected))], corrected
