"""`zoo plot`: reproducible image files, charts in the terminal, and rejected calls."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.limits import limit
from zoo_cli.plots import terminal
from zoo_core.plots.panels import PANELS, SPLIT_PANELS

FUNCTIONS = [
    ("png", "activation"),
    ("png", "loss"),
    ("pdf", "loss", "mse"),
    ("svg", "activation", "relu", "prelu", "tanh"),
    ("svg", "loss", "bce", "mse"),
]


def png_size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    return struct.unpack(">II", data[16:24])


def texts_of(svg: str) -> list[str]:
    """The comments in which matplotlib stores the drawn texts."""
    ElementTree.fromstring(svg)
    return re.findall(r"<!-- (.*?) -->", svg)


@pytest.fixture(scope="session")
def many(tmp_path_factory, zoo):
    """A run of one epoch on seven classes with unusual names: long, underscored, in scripts without a font."""
    home = tmp_path_factory.mktemp("odd")
    names = ["_hidden", "a name " * 12, "美味しい", "$x^2$ \U0001f600", "a<b>&c", "six", "seven"]
    lines = [f'{name},"tok{i} $5 寿司{i} {"very" * 20}{i} {row}"' for row in range(20) for i, name in enumerate(names)]
    (home / "odd.csv").write_text("\n".join(["label,text", *lines, ""]), "utf-8")
    given = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0", "--run", home / "run")
    assert zoo("train", "text-mlp", "--data", home / "odd.csv", *given).code == 0
    return home


@pytest.mark.parametrize(("form", "call"), [(form, call) for form, *call in FUNCTIONS], ids=map(" ".join, FUNCTIONS))
@pytest.mark.slow
def test_plots_of_functions_are_reproducible(zoo, form, call):
    for name in ("one", "two"):
        answer = zoo("plot", *call, "-o", f"{name}.{form}")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
    data = Path(f"one.{form}").read_bytes()
    assert data == Path(f"two.{form}").read_bytes()
    if form == "png":
        wide, high = png_size(data)
        assert 600 <= wide <= 4000
        assert 400 <= high <= 6000
    elif form == "svg":
        assert set(call[1:]) <= set(texts_of(data.decode()))
    else:
        assert data.startswith(b"%PDF-")
    assert sorted(Path().iterdir()) == [Path(f"one.{form}"), Path(f"two.{form}")]


def test_settings_appear_in_plots_and_titles(zoo):
    table = '{use = "prelu", init = 0.5}'
    found = zoo("plot", "activation", "prelu", table, "textbook:prelu", "--set", "textbook:prelu.init=2", "--json").json
    assert [one["name"] for one in found] == ["prelu", "prelu init=0.5", "textbook:prelu init=2.0"]
    assert [one["y"][0] for one in found] == [-1.25, -2.5, -10]
    assert [one["slope"][0] for one in found] == [0.25, 0.5, 2]


REFUSED = [
    (("activation", "rleu"), 2, 'unknown activation "rleu" (hint: did you mean "relu"?)'),
    (("loss", "relu"), 2, 'unknown loss "relu"'),
    (("activation", "prelu", "--set", "prelu.inti=1"), 2, 'did you mean "init"?'),
    (("activation", "prelu", "--set", "prelu.init=big"), 2, "init: must be a number"),
    (("activation", "relu", "--set", "prelu.init=1"), 2, '"prelu" is not plotted'),
    (("activation", "relu", "--set", "init"), 2, "is not KEY=VALUE"),
    (("activation", "{use="), 2, 'unknown activation "{use="'),
    (("activation", "{init=1}"), 2, "missing the name of the activation"),
    (("activation", "relu", "-o", "x.gif"), 2, "use a file name in .png, .svg or .pdf"),
    (("activation", "relu", "-o", "x"), 2, "use a file name in .png, .svg or .pdf"),
    (("activation", "relu", "-o", "nowhere/x.png"), 7, "cannot write nowhere/x.png"),
    (("run", "nowhere"), 4, "nowhere: run folder not found"),
    (("run", "RUN", "--only", "rock"), 2, 'unknown panel "rock" (hint: did you mean "roc"?)'),
    (("run", "RUN", "-o", "x.jpg"), 2, 'unknown image format "x.jpg"'),
    (("run", "RUN", "--data", "none.csv"), 3, "none.csv: there is no such file"),
    (("run", "RUN", "--on", "tset"), 2, 'did you mean "test"?'),
    (("run", "RUN", "--set", "optimizer.lr=1"), 2, "only the settings of its task"),
]


@pytest.mark.parametrize(("call", "code", "expected"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_rejects_invalid_usage(zoo, refused, trained, call, code, expected):
    refused(zoo("plot", *(str(trained) if one == "RUN" else one for one in call)), code, expected)
    assert not list(Path().iterdir())


def test_image_replaces_another_atomically(zoo):
    Path("x.svg").write_text("old", encoding="utf-8")
    assert "overwrite it with --force" in zoo("plot", "loss", "mse", "-o", "x.svg").err
    assert Path("x.svg").read_text("utf-8") == "old"
    assert zoo("plot", "loss", "mse", "-o", "x.svg", "--force").code == 0
    assert "mse" in texts_of(Path("x.svg").read_text("utf-8"))


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
@pytest.mark.slow
def test_page_of_a_run_is_reproducible(zoo, trained, form):
    panels = [word for panel in PANELS[0 if form == "svg" else 3 :] for word in ("--only", panel)]
    for name in ("one", "two"):
        answer = zoo("plot", "run", trained, *panels, "-o", f"{name}.{form}")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert Path(f"one.{form}").read_bytes() == Path(f"two.{form}").read_bytes()
    if form == "svg":
        shown = texts_of(Path("one.svg").read_text("utf-8"))
        titles = {"Learning curves", "Confusion matrix", "Reliability diagram", "ROC curve", "Precision-recall curve"}
        assert titles <= set(shown)
        assert {"negative", "positive", "predicted", "epoch"} <= set(shown)
        result = zoo("explain", trained, "--top", "8", "--json").json
        assert {one["token"] for words in result.values() for one in words} <= set(shown)


@pytest.mark.parametrize("panel", PANELS)
def test_single_panel(zoo, trained, panel):
    assert zoo("plot", "run", trained, "--only", panel, "-o", "x.png").code == 0
    wide, high = png_size(Path("x.png").read_bytes())
    assert 600 <= wide <= 2100
    assert 300 <= high <= 1200
    assert list(zoo("plot", "run", trained, "--only", panel, "--json").json) == [
        *("title", "split", "rows"),
        panel,
        "missing",
    ]


def test_points_equal_those_of_the_run(zoo, trained):
    found = zoo("plot", "run", trained, "--json").json
    figures = zoo("evaluate", trained, "--json").json
    summary = json.loads((trained / "result.json").read_text())
    counts = found["confusion"]["counts"]
    assert found["rows"] == figures["rows"] == sum(map(sum, counts)) == sum(found["reliability"]["rows"])
    assert sum(counts[i][i] for i in range(2)) / found["rows"] == pytest.approx(figures["accuracy"])
    assert len(found["curves"]["epochs"]) == summary["epochs"]
    assert found["curves"]["best_epoch"] == summary["best_epoch"]
    assert found["words"] == zoo("explain", trained, "--top", "8", "--json").json
    assert found["missing"] == {}
    assert zoo("plot", "run", trained, "--on", "val", "--only", "roc", "--json").json["split"] == "val"


def test_unusual_names_are_drawn(zoo, many):
    answer = zoo("plot", "run", many / "run", "-o", "odd.svg")
    assert answer.code == 0
    assert "Traceback" not in answer.err
    assert all(line.startswith("zoo: warning: no installed font has ") for line in answer.lines)
    shown = texts_of(Path("odd.svg").read_text("utf-8").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert any(text.startswith("_hidden: ") for text in shown)  # also in the legends
    assert "a<b>&c" in shown
    assert any(text.startswith("a name a…") for text in shown)
    assert any(text.startswith("$x^2$") for text in shown)
    assert "one epoch" in shown


def test_missing_data_leaves_panels_that_need_none(zoo, refused, many, tmp_path):
    run = shutil.copytree(many / "run", tmp_path / "run")
    data = many / "odd.csv"
    moved = data.rename(many / "moved.csv")
    try:
        answer = zoo("plot", "run", run, "--json")
        assert answer.code == 0
        shown = [panel for panel in SPLIT_PANELS if panel != "classes"]
        assert [key for key in answer.json if key in PANELS] == ["curves", "words"]
        assert answer.err.startswith(f"zoo: warning: not plotted: {', '.join(shown)}: {data}: the file")
        assert len(answer.lines) == 1
        assert sorted(answer.json["missing"]) == sorted(shown)
        refused(zoo("plot", "run", run, "--only", "roc"), 3, "is missing (hint: name a file with --data FILE)")
        assert zoo("plot", "run", run, "--only", "roc", "--data", moved, "--json").json["split"] == str(moved)
    finally:
        moved.rename(data)


def test_run_without_probabilities_or_words(zoo, reviews):
    given = ("--set", "loss=mse", "--set", 'vectorizer={use="hashed-ngrams",size=64}', "--set", "training.epochs=1")
    assert zoo("train", "yelp-perceptron", "--data", reviews, *given, "--run", "r").code == 0
    answer = zoo("plot", "run", "r", "-o", "x.png")
    assert answer.code == 0
    assert "not plotted: reliability: a reliability diagram needs probabilities" in answer.lines[0]
    assert "not plotted: words: features of " in answer.lines[1]
    assert zoo("plot", "run", "r", "--only", "words").code == 2


@pytest.mark.parametrize("columns", ["60", "200"])
def test_text_charts_fit_the_width_without_control_codes(zoo, many, trained, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    for call in (("activation",), ("loss",), ("run", trained), ("run", many / "run")):
        answer = zoo("plot", *call)
        assert (answer.code, answer.err) == (0, "")
        assert all(c.isprintable() or c == "\n" for c in answer.out)
        assert max(terminal.display_width(line) for line in answer.out.splitlines()) <= min(
            int(columns), terminal.MAX_WIDTH
        )
        assert answer.out == zoo("plot", *call).out
    assert "ROC" in answer.out


def test_help_imports_no_heavy_module():
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; from zoo_cli.main import run; run(['plot', 'run', '--help']); "
        "print([name for name in ('torch', 'matplotlib', 'plotext', 'polars') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=limit())
    assert done.stdout.endswith("[]\n")
    assert all(panel in done.stdout for panel in PANELS)


def test_data_that_only_the_run_names_is_not_overwritten(many, zoo, refused):
    before = (many / "odd.csv").read_bytes()
    Path("page.png").symlink_to(many / "odd.csv")
    refused(zoo("plot", "run", many / "run", "-o", "page.png", "--force"), 2, "page.png is the input")
    assert (many / "odd.csv").read_bytes() == before
