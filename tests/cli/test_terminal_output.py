"""Output on terminals: no control characters; closed and broken streams are not errors."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import limit
from tests.warm.command import zoo_command

ESCAPE = "\x1b[31m"
SHOWN = "\\x1b[31m"
ZOO = "zoo"
QUICK_SETTINGS = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")


@pytest.fixture
def colored():
    """A file with an escape sequence in a label and in the name of a column."""
    lines = [f"text,label,{ESCAPE}", *(f"soup {i},x{ESCAPE},\ntea {i},y," for i in range(30))]
    Path("labels.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return "labels.csv"


def shell(line, **files):
    """Run a shell command line, in which `zoo` is this one."""
    if os.name == "nt":
        pytest.skip("a line of a POSIX shell")
    command = shlex.join(zoo_command(*line.split())[: -len(line.split())])
    found = subprocess.run(
        ["bash", "-c", f'zoo() {{ {command} "$@"; }}\n{line}'],
        capture_output=True,
        timeout=limit(),
        **files,
    )
    return found.returncode, found.stdout.decode(), found.stderr.decode()


def on_a_terminal(*arguments):
    """The output of a command on a terminal, standard output and standard error together."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals of POSIX")
    ours, theirs = pty.openpty()
    command = zoo_command(*arguments)
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        result = b""
        try:
            while piece := os.read(ours, 65536):
                result += piece
        except OSError:  # the other side was closed
            pass
    os.close(ours)
    return child.returncode, result.decode()


def clean(text):
    return all(c.isprintable() or c in "\n\t" for c in text)


def test_label_is_escaped_in_all_messages(zoo, colored):
    result = zoo("train", "text-mlp", "--data", colored, "--set", "training.epochs=1", "--run", "r")
    assert (result.code, result.out) == (0, "r\n")
    assert f"2 classes (x{SHOWN}, y)" in result.err
    assert f"\nx{SHOWN}\t" in zoo("explain", "r").out
    Path("z.csv").write_text("text,label\nsoup,z\n", encoding="utf-8")
    unseen = zoo("evaluate", "r", "--data", "z.csv")
    assert (unseen.code, f"x{SHOWN}, y" in unseen.err) == (3, True)
    assert zoo("explain", "r", "--json").json.keys() == {f"x{ESCAPE}", "y"}  # data is not escaped
    assert all(clean(answer.err) for answer in (result, unseen))


CALLS = [
    (("--no-plugin", ESCAPE, "list", "loss"), 0),
    ((ESCAPE,), 2),
    (("plugins", ESCAPE), 2),
    (("list", ESCAPE), 2),
    (("list", f"--{ESCAPE}"), 2),
    (("show", "activation", ESCAPE), 2),
    (("train", ESCAPE), 2),
    (("train", f"{ESCAPE}.toml"), 2),
    (("train", "yelp-perceptron", "--data", ESCAPE), 3),
    (("train", "yelp-perceptron", "--set", ESCAPE), 2),
    (("train", "yelp-perceptron", "--set", f"model={ESCAPE}"), 2),
    (("train", "yelp-perceptron", "--seed", ESCAPE), 2),
    (("train", "yelp-perceptron", "--device", ESCAPE), 2),
    (("train", "text-mlp", "--data", "labels.csv", "--set", "task.text=none"), 3),
    (("evaluate", ESCAPE), 4),
    (("runs", ESCAPE), 3),
    (("data", "sample", "-o", f"{ESCAPE}/x"), 7),
]


@pytest.mark.parametrize(("call", "code"), CALLS, ids=[ascii(" ".join(row[0])) for row in CALLS])
def test_messages_have_no_control_characters(zoo, colored, call, code):
    answer = zoo(*call)
    assert answer.code == code, answer
    assert clean(answer.err)
    assert len(answer.lines) == 1
    assert SHOWN in answer.err


@pytest.mark.parametrize("odd", ["two\nlines", "back\rspace\x08", "bell\x07", "\x9b31m", "left\u202eright"])
def test_arguments_cannot_break_a_line(zoo, refused, odd):
    for call in (
        ("list", odd),
        ("show", "loss", odd),
        ("train", odd),
        ("train", "a", "--seed", odd),
        ("list", "a", odd),
    ):
        answer = zoo(*call)
        refused(answer, 2)
        assert clean(answer.err), call


def test_surplus_argument_is_escaped_on_a_terminal():
    code, result = on_a_terminal("list", "loss", f"surplus{ESCAPE}")
    assert code == 2
    assert "surplus" in result
    assert "\x1b" not in result


def test_table_on_a_terminal_is_escaped(zoo, colored):
    zoo("train", "text-mlp", "--data", colored, "--set", "training.epochs=1", "--run", "r")
    code, result = on_a_terminal("explain", "r", "--top", "2")
    assert code == 0
    assert f"x{SHOWN}" in result
    assert f"x{ESCAPE}" not in result


@pytest.mark.parametrize("wanted", [True, False])
def test_contributions_are_colored(trained, monkeypatch, wanted):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not wanted:
        monkeypatch.setenv("NO_COLOR", "1")
    code, result = on_a_terminal("explain", str(trained), "great food, rude staff")
    assert code == 0
    rows = {word: line for line in result.splitlines() for word in ("great", "rude") if word in line}
    blue, orange = ("38;5;74m" in rows["great"], "38;5;178m" in rows["great"])
    assert (blue or orange) == wanted
    assert blue != orange or not wanted
    assert ("38;5;74m" in rows["rude"]) == (orange and wanted)  # the other color


CLOSED = [
    ("list loss >&-", 0),
    ("list loss 2>&-", 0),
    ("list loss <&-", 0),
    ("list loss <&- >&- 2>&-", 0),
    ("lits 2>&-", 2),
    ("lits >&- 2>&- <&-", 2),
    ("predict RUN good >&-", 0),
    ("predict RUN --data - <&-", 3),
    ("train yelp-perceptron --set training.epochs=1 <&- >&- 2>&-", 0),
    ("evaluate nowhere 2>&-", 4),
]


@pytest.mark.parametrize(("line", "code"), CLOSED, ids=[row[0] for row in CLOSED])
def test_closed_streams_are_accepted(trained, line, code):
    found, out, err = shell(f"{ZOO} {line.replace('RUN', str(trained))}")
    assert found == code, err
    assert "Traceback" not in err
    assert err.count("\n") <= 1
    assert ("kind\tname" in out) == (line.startswith("list") and ">&-" not in line.replace("2>&-", ""))
    assert (Path("runs/yelp-perceptron-1/manifest.json").is_file()) == line.startswith("train")


@pytest.mark.parametrize("call", ["data sample --rows 50000", "list", "predict RUN --data many.txt", "show model mlp"])
def test_closed_pipe_ends_the_command_silently(trained, call):
    Path("many.txt").write_text("good food\n" * 50_000, encoding="utf-8")
    line = f"{ZOO} {call.replace('RUN', str(trained))} | head -1; echo ${{PIPESTATUS[0]}}"
    code, out, err = shell(line)
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == ["0"]


@pytest.mark.skipif(sys.platform != "linux", reason="a device of Linux")
def test_exit_code_is_kept_where_errors_cannot_be_written():
    code, _, _ = shell(f"{ZOO} predict nowhere good 2> /dev/full")
    assert code == 4


def test_full_disk_is_reported():
    code, out, err = shell(f"{ZOO} data sample --rows 5 > /dev/full")
    assert (code, out) == (7, "")
    assert err.startswith("zoo: error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("call", [("list",), ("show", "loss"), ("train",), ("predict", "RUN"), ()])
def test_argument_that_is_not_utf8_is_rejected(trained, call):
    given = [str(trained) if word == "RUN" else word for word in call]
    found = subprocess.run(zoo_command(*given, b"a\xff"), capture_output=True, timeout=limit())
    assert (found.returncode, found.stdout) == (2, b"")
    assert found.stderr.startswith(b"zoo: error: ")
    assert found.stderr.count(b"\n") == 1
    assert b"Traceback" not in found.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")
@pytest.mark.slow
def test_names_of_files_need_not_be_utf8(reviews):
    """Bytes of a path are kept: in the run folder, in the names of outputs, and in messages as escapes."""
    folder = Path(os.fsdecode(b"d\xff"))
    folder.mkdir()
    os.link(reviews, folder / os.fsdecode(b"\xe9.csv"))

    def call(*words):
        return subprocess.run(zoo_command(*words), capture_output=True, timeout=limit(), cwd=folder)

    found = call("train", "yelp-perceptron", "--data", b"\xe9.csv", *QUICK_SETTINGS, "--run", b"r\xe9")
    assert (found.returncode, found.stdout) == (0, b"r\xe9\n"), found.stderr
    assert found.stderr.startswith(b"\\udce9.csv: ")
    found = call("predict", b"r\xe9", "great food", "-o", b"o\xe9.csv")
    assert (found.returncode, found.stderr) == (0, b"")
    assert b"\tfinished\t" in call("runs", b".").stdout
    missing = call("evaluate", b"\xff\xfe")
    assert (missing.returncode, missing.stderr) == (4, b"zoo: error: \\udcff\\udcfe: run folder not found\n")
    text = call("predict", b"r\xe9", b"good \xff")
    assert (text.returncode, text.stdout) == (2, b"")
