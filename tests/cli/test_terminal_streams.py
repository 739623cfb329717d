"""No text of a user's or a stranger's file controls the terminal; all that people read stays as it is."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from pathlib import Path

import pytest

from zoo_cli.main import run
from zoo_cli.terminal_streams import STYLED, escape_for_terminal, escaped_terminals, styled_stream
from zoo_core import open_run

HOSTILE = "\x1b]52;c;ZXZpbA==\x07\x9b31m\x7f\x08\x1b[6n\u061c\u200e\u202e\u2066\u2028\x85e"
READABLE = "김치 é ❤️ 👩\u200d👩\u200d👧 می\u200cخواهم\u3000漢字"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
STYLES = re.compile("\x1b\\[([0-9;]*[mABCDGHJK]|\\?25[hl])")


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal."""

    def __init__(self):
        super().__init__(io.BytesIO(), "utf-8", newline="\n")

    def isatty(self):
        return True

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode()


@pytest.fixture
def on_terminal(monkeypatch):
    """Run a command in this process with both streams on a terminal; returns the exit code and both texts."""

    def call(*arguments):
        out, err = Terminal(), Terminal()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        code = run([str(argument) for argument in arguments])
        return code, out.text(), err.text()

    return call


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory, zoo):
    """A run whose classes, words and data file have hostile and readable names."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = [
        '"text","label","x' + HOSTILE + '"',
        *(
            f'"soup {i} bad{HOSTILE} 김치","A{HOSTILE}",""' if i % 2 else f'"tea {i} good","B {READABLE}",""'
            for i in range(40)
        ),
    ]
    data = folder / "d\x1b]0;x\x07\u202e.csv"
    data.write_text("\n".join([*lines, ""]), encoding="utf-8")
    answer = zoo("train", "text-mlp", "--data", data, "--set", "training.epochs=1", "--run", folder / "r")
    assert answer.code == 0, answer.err
    return folder / "r", data


CALLS = [
    ("predict", "RUN", "good"),
    ("predict", "RUN", "good", "--format", "jsonl"),
    ("data", "split", "DATA", "-o", "-"),
    ("data", "split", "DATA", "-o", "-", "--format", "tsv"),
    ("data", "check", "DATA"),
    ("data", "check", "DATA", "--json"),
    ("evaluate", "RUN", "--by-class"),
    ("evaluate", "RUN", "--by-class", "--json"),
    ("explain", "RUN"),
    ("explain", "RUN", "--json"),
    ("explain", "RUN", f"soup {HOSTILE}"),
    ("plot", "run", "RUN"),
    ("train", "text-mlp", "--data", "DATA", "--set", "training.epochs=1"),
    ("train", "text-mlp", "--data", "DATA", "--set", f"task.label={HOSTILE}"),
    ("runs", HOSTILE),
    ("show", "loss", HOSTILE),
    (HOSTILE,),
    ("list", "a", "b", HOSTILE),
    ("--debug", "train", HOSTILE),
    ("--no-plugin", HOSTILE, "list", "loss"),
    ("recipe", "check", HOSTILE, "--json"),
]


@pytest.mark.parametrize("call", CALLS, ids=[ascii(" ".join(call)) for call in CALLS])
def test_hostile_text_does_not_reach_a_terminal(hostile_run, on_terminal, call):
    places = {"RUN": hostile_run[0], "DATA": hostile_run[1]}
    _, out, err = on_terminal(*(places.get(word, word) for word in call))
    assert out or err
    assert not CONTROLS.search(STYLES.sub("", out).replace("\r", ""))
    assert not CONTROLS.search(STYLES.sub("", err).replace("\r", ""))
    assert "]52" in out + err or "]0;x" in out + err  # shown, escaped
    if "--json" in call:
        json.loads(out)
    if call[0] == "predict" or call == ("explain", "RUN", "--json"):
        assert READABLE in out


def test_data_is_unchanged_when_it_is_not_printed_on_a_terminal(hostile_run, zoo):
    run_folder, data = hostile_run
    assert HOSTILE in zoo("predict", run_folder, "good").out
    assert HOSTILE in zoo("data", "split", data, "-o", "-").out
    listed = zoo("explain", run_folder, "--json")
    assert not CONTROLS.search(listed.out)
    assert f"A{HOSTILE}" in listed.json  # escaped as JSON, so the same value
    assert set(listed.json) == set(open_run(run_folder).head.classes)


def test_output_of_other_code_is_escaped(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with escaped_terminals():
        logging.StreamHandler().emit(logging.makeLogRecord({"msg": f"odd {HOSTILE}"}))
        sys.stderr.buffer.write(f"bytes {HOSTILE}".encode())
        sys.stderr.writelines(["lines ", HOSTILE])
        print(HOSTILE, file=sys.stderr)
    assert sys.stderr is terminal
    assert terminal.text().count("]52") == 4
    assert not CONTROLS.search(terminal.text())


def test_character_in_two_writes_is_one_character():
    terminal = Terminal()
    stream = escape_for_terminal(terminal)
    for byte in "é\x9bé 김".encode():
        stream.buffer.write(bytes([byte]))
    stream.buffer.write(b"\xff|")
    assert terminal.text() == "é\\u009bé 김\\xff|"


def test_styled_stream_lets_only_styles_through():
    terminal = Terminal()
    stream = styled_stream(escape_for_terminal(terminal))
    stream.write("\x1b[38;5;74mblue\x1b[0m\x1b[2K\r\x1b[?25l \x1b[6n\x1b]0;title\x07\x1b[21t\x9b31m")
    assert terminal.text() == (
        "\x1b[38;5;74mblue\x1b[0m\x1b[2K\r\x1b[?25l \\u001b[6n\\u001b]0;title\\u0007\\u001b[21t\\u009b31m"
    )
    assert STYLED.search("\x1b[31m") is None


def test_stream_that_is_not_a_terminal_is_used_as_it_is():
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    assert escape_for_terminal(stream) is stream
    assert styled_stream(stream) is stream


def test_messages_are_bounded(zoo):
    wide = "x" * 2_000_000
    Path("wide.toml").write_text("\n".join(f"k{i} = 1" for i in range(300)), encoding="utf-8")
    for call in (("show", "loss", wide), ("train", wide), ("runs", wide), ("list", wide), ("train", "wide.toml")):
        answer = zoo(*call)
        assert answer.code in (2, 3, 7), answer.err[:300]
        assert max(map(len, answer.lines)) <= 2100
        assert len(answer.lines) <= 51
    assert answer.lines[-1].startswith("zoo: error: and ")
