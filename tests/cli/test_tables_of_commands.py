"""Tables of commands in terminals of several widths, with labels in several scripts."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout

import pytest
from rich.cells import cell_len

from zoo_cli.main import run

LABELS = ("긍정적인 리뷰 아주 긴 이름", "とても長い名前のクラス", "مراجعة سلبية", "👍🏽 emoji label")
COMMANDS = {
    "evaluate": ("evaluate", "r", "--by-class"),
    "compare": ("compare", "r", "r", "r"),
    "explain": ("explain", "r", "--top", "2"),
    "runs": ("runs", "."),
    "check": ("data", "check", "리뷰.csv"),
    "plot": ("plot", "run", "r", "--only", "confusion", "--only", "words", "--only", "roc"),
}
SENTENCES = ("  hint: ",)  # what to do about a finding; the terminal wraps it
WITH_LABELS = ("evaluate", "explain", "check", "plot")


class Terminal(io.TextIOWrapper):
    """A stream that passes for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory, zoo):
    """A folder with a file of these labels and a run that was trained on it."""
    place = tmp_path_factory.mktemp("scripts")
    rows = [f"{label},단어{index} soup {row % 7}" for row in range(20) for index, label in enumerate(LABELS)]
    (place / "리뷰.csv").write_text("\n".join(["label,text", *rows, ""]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        options = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0", "--run", "r")
        answer = zoo("train", "text-mlp", "--data", "리뷰.csv", *options)
    assert answer.code == 0, answer.err
    return place


@pytest.mark.parametrize(
    ("name", "width"), [*((name, width) for name in COMMANDS for width in (40, 60)), ("evaluate", 80), ("plot", 200)]
)
def test_every_label_is_whole_and_every_line_fits(folder, monkeypatch, name, width):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    out, err = Terminal(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with redirect_stdout(out), redirect_stderr(err):
        code = run([*COMMANDS[name]])
    out.flush(), err.flush()
    text = out.buffer.getvalue().decode()
    assert code == 0, err.buffer.getvalue().decode()
    assert "\x1b" not in text
    lines = [line for line in text.splitlines() if not line.startswith(SENTENCES)]
    assert max(map(cell_len, lines)) <= width
    for label in LABELS if name in WITH_LABELS else ():
        letters = iter(text)
        assert all(letter in letters for letter in label.replace(" ", "")), label
