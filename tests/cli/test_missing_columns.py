"""Wrong columns: one error with all that are missing, and the command that was typed, which works when it is pasted."""

from __future__ import annotations

import pathlib
import re
import shlex

import pytest

ROWS = [("bad", "rude staff"), ("good", "warm food"), ("bad", "cold soup"), ("good", "kind people")] * 8
NAMES = [("words", "kind"), ("my text", "the 'class'"), ("--review", "-label"), ("a=b", "$x")]
COMMANDS = {
    "check": ("data", "check", "FILE"),
    "split": ("data", "split", "FILE", "-o", "out.csv"),
    "train": (
        "train",
        "yelp-perceptron",
        "--data",
        "FILE",
        "--set",
        "training.epochs=1",
        "--run",
        "run",
    ),
}
WRONG = {
    "nothing": (),
    "text": ("--text", "txet"),
    "both": ("--label=lebal", "--text", "txet"),
    "set": ("--set", "task.text=x", "--set=task.label=y", "--split=part"),
}


@pytest.fixture
def file(tmp_path):
    def write(text: str, label: str, name: str = "my file.csv", separator: str = ","):
        lines = [separator.join(("id", label, text)), *(separator.join((str(at), *row)) for at, row in enumerate(ROWS))]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        return str(tmp_path / name)

    return write


def pasted(answer) -> list[str]:
    """The arguments of the command in a hint."""
    found = re.search(r"\(hint: zoo (.*)\)$", answer.lines[-1])
    assert found, answer.err
    return shlex.split(found[1])


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_in_the_hint_works(zoo, file, command, wrong):
    path = file("words", "kind")
    typed = [path if word == "FILE" else word for word in (*COMMANDS[command], *WRONG[wrong])]
    answer = zoo(*typed)
    if command in ("check", "split") and wrong == "nothing":
        assert answer.code == 0 and "columns guessed: --text words --label kind" in answer.err
        return
    assert answer.code == 3 and len(answer.lines) == 1 and "the columns are id, kind, words" in answer.err
    for name in ("txet", "lebal"):
        assert (f'"{name}"' in answer.err) == any(name in word for word in typed)
    again = zoo(*pasted(answer))
    assert again.code == 0, again.err


@pytest.mark.parametrize("names", NAMES)
def test_columns_of_any_name_are_typed_so_that_they_are_found(zoo, file, names):
    path = file(*names)
    answer = zoo("data", "check", path, "--text", "none", "--label", "none")
    assert zoo(*pasted(answer)).code == 0


def test_a_trained_run_tells_the_column_of_texts_alone(zoo, trained, file):
    path = file("said", "stars")
    answer = zoo("predict", trained, "--data", path)
    assert 'missing column "review": the columns are id, stars, said' in answer.err and "--label" not in answer.err
    assert zoo(*pasted(answer)).code == 0


def test_what_cannot_be_typed_again_names_the_options(zoo, file):
    path = file("words", "kind")
    with pathlib.Path(path).open("rb") as stream:
        answer = zoo("train", "text-mlp", "--data", "-", stdin=stream.read())
    assert "(hint: add --text words --label kind)" in answer.err
    path = file("words", "kind", name="other.csv", separator=";")
    assert "semicolons" in zoo("train", "text-mlp", "--data", path).err
