"""What a training shows while it runs: the line of the import, lines of epochs, and no bar in pipes."""

from __future__ import annotations

import io
import re
import sys

import pytest

from zoo_cli.loading_line import ERASE, TEXT, end_loading, show_loading
from zoo_cli.output import print_message
from zoo_cli.progress import EpochLines, ProgressBar
from zoo_cli.streams import data_stream

TRAIN = ("train", "yelp-perceptron", "--epochs", "2", "--set", "vectorizer.cutoff=0")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    """`terminal()`: make standard error a terminal, before torch is imported; capturing replaces it before the test."""

    def replace() -> Terminal:
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        return stream

    yield replace
    end_loading()


def test_line_is_shown_at_once_and_erased(terminal):
    shown = terminal()
    with show_loading(quiet=False):
        assert shown.getvalue() == TEXT
    assert shown.getvalue() == TEXT + ERASE


@pytest.mark.parametrize("show", [lambda: print_message("a note"), data_stream], ids=["note", "data"])
def test_line_is_erased_before_anything_else_is_shown(terminal, show):
    shown = terminal()
    with show_loading(quiet=False):
        show()
        assert shown.getvalue().startswith(TEXT + ERASE)
    assert shown.getvalue().count(ERASE) == 1


def test_bar_takes_the_place_of_the_line(terminal):
    shown = terminal()
    with show_loading(quiet=False):
        ProgressBar().stop()
    assert shown.getvalue().startswith(TEXT + ERASE)


def test_no_line_with_quiet_in_pipes_or_once_torch_is_there(terminal, monkeypatch):
    shown = terminal()
    with show_loading(quiet=True):
        pass
    monkeypatch.setitem(sys.modules, "torch", sys)
    with show_loading(quiet=False):
        pass
    assert shown.getvalue() == ""
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with show_loading(quiet=False):
        assert sys.stderr.getvalue() == ""


def test_verbose_prints_a_line_for_each_epoch(zoo, reviews):
    answer = zoo(*TRAIN, "--data", reviews, "--verbose", "--json")
    lines = [line for line in answer.lines if line.startswith("epoch ")]
    assert answer.code == 0 and answer.json["epochs"] == len(lines) == 2
    for number, line in enumerate(lines, 1):
        assert re.match(rf"epoch {number}/2  train_loss \d\.\d{{4}}  val_loss .*  \d+\.\d\d s(  best)?$", line)
    assert "\x1b" not in answer.err and "\r" not in answer.err


def test_quiet_silences_the_lines(zoo, reviews):
    answer = zoo(*TRAIN, "--data", reviews, "--verbose", "--quiet")
    assert not [line for line in answer.lines if line.startswith("epoch ")]


def test_lines_stay_above_the_bar(terminal):
    shown = terminal()
    bar = ProgressBar()
    lines = EpochLines(bar.print_line)
    for listener in (bar, lines):
        listener.zoo_run_started({"training": {"epochs": 1}})
        listener.zoo_epoch_finished(1, {"train_loss": 0.5, "val_loss": 0.25}, True)
    bar.stop()
    assert shown.getvalue().count("epoch 1/1  train_loss 0.5000  val_loss 0.2500") == 1
