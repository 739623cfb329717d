"""Arguments of another kind than a command expects: the error says what they are, and what to type works."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

ROWS = [("bad", "rude staff"), ("good", "warm food"), ("bad", "cold soup"), ("good", "kind people")] * 8
DATA, NO_RECIPE = "is a file of data, expected", "expected a recipe"
COLUMNS = "--text words --label kind"
CASES = [  # what is typed, what is said of it, and the command in the hint
    ("train my.csv", f'"my.csv" {DATA} a recipe', f"train text-fast --data my.csv {COLUMNS}"),
    ("train my.csv --label kind", DATA, "train text-fast --label kind --data my.csv --text words"),
    ("train m.csv", "neither a recipe nor an existing file", f"train text-fast --data my.csv {COLUMNS}"),
    ("train my.csv --data other.csv", DATA, "train text-fast --data other.csv"),
    ("train my.csv other.csv", DATA, f"train text-fast --data my.csv --data other.csv {COLUMNS}"),
    ("train text-mlp my.csv", 'unexpected argument "my.csv"', f"train text-mlp --data my.csv {COLUMNS}"),
    ("train text-mlp other.csv", "unexpected argument", "train text-mlp --data other.csv"),
    ("train bare.csv --no-header", DATA, "train text-fast --no-header --data bare.csv --text 3 --label 2"),
    ("train classes", "is a folder of data", "train text-fast --data classes"),
    ("train RUN", f"is the folder of a run, {NO_RECIPE}", "train --locked RUN"),
    ("swap my.csv", DATA, f"swap text-fast --data my.csv {COLUMNS}"),
    ("swap my.csv,text-mlp --data other.csv", DATA, "swap text-fast,text-mlp --data other.csv"),
    ("recipe show my.csv", DATA, f"train text-fast --data my.csv {COLUMNS}"),
    ("recipe check RUN", NO_RECIPE, "recipe check RUN/recipe.toml"),
    ("predict my.csv", f"{DATA} the folder of a run", "predict RUN --data my.csv"),
    ("predict my.csv hello", DATA, "predict RUN hello"),
    ("evaluate my.csv --by-class", DATA, "evaluate RUN --by-class --data my.csv"),
    ("evaluate RUN my.csv", "unexpected argument", "evaluate RUN --data my.csv"),
    ("evaluate text-mlp", '"text-mlp" is a recipe, expected the folder of a run', "evaluate RUN"),
    ("evaluate yelp-mlp", "is a recipe", "train yelp-mlp"),
    ("data check own.toml", '"own.toml" is a recipe, expected a file of texts', "recipe check own.toml"),
    ("data split RUN -o x.csv", "is the folder of a run", "evaluate RUN"),
    ("data suspects text-fast my.csv --rows 3", f"{DATA} a recipe", "data suspects my.csv text-fast --rows 3"),
    ("data suspects other.csv my.csv", f"{DATA} a recipe", "data suspects other.csv"),
    ("train text-mlp --data=own.toml", "is a recipe", "recipe check own.toml"),
]


@pytest.fixture
def place(zoo, tmp_path, monkeypatch):
    """A folder with files of data, a recipe, and a run (its manifest alone)."""
    monkeypatch.chdir(tmp_path)
    lines = [f"{at},{kind},{words}" for at, (kind, words) in enumerate(ROWS)]
    Path("my.csv").write_text("\n".join(["id,kind,words", *lines]) + "\n", encoding="utf-8")
    Path("other.csv").write_text("\n".join(["id,label,text", *lines]) + "\n", encoding="utf-8")
    Path("bare.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("own.toml").write_text('extends = "text-mlp"\n', encoding="utf-8")
    for kind in ("a", "b"):
        Path("classes", kind).mkdir(parents=True)
        Path("classes", kind, "1.txt").write_text("text", encoding="utf-8")
    Path("runs/text-mlp-1").mkdir(parents=True)
    Path("runs/text-mlp-1/manifest.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(("typed", "said", "hint"), CASES, ids=[case[0] for case in CASES])
def test_says_what_to_type(zoo, place, typed, said, hint):
    answer = zoo(*typed.replace("RUN", "runs/text-mlp-1").split())
    line = answer.lines[-1]
    assert answer.code == 2 and said in line and line.endswith(f"(hint: zoo {hint.replace('RUN', 'runs/text-mlp-1')})")


def test_what_to_type_works(zoo, place):
    Path("-o 'my'.csv").write_text(Path("my.csv").read_text(encoding="utf-8"), encoding="utf-8")
    quick = ["--epochs", "1", "--run", "r"]
    found = re.search(r"\(hint: zoo (.*)\)$", zoo("train", *quick, "./-o 'my'.csv").lines[-1])
    assert found and zoo(*shlex.split(found[1])).code == 0


def test_without_a_run_a_file_of_data_is_to_be_trained_on(zoo, place):
    shutil.rmtree("runs")
    assert f"(hint: zoo train text-fast --data my.csv {COLUMNS})" in zoo("evaluate", "my.csv").err


@pytest.mark.parametrize("typed", ["train text-mpl", "train text-mlp --frob", "evaluate nowhere", "data check nothing"])
def test_other_errors_are_reported_as_they_are(zoo, place, typed):
    answer = zoo(*typed.split())
    assert answer.code in (2, 3, 4) and "expected a" not in answer.err and "neither" not in answer.err


def test_a_file_given_as_a_text_is_predicted_with_a_warning(zoo, place, trained):
    answer = zoo("predict", trained, "my.csv", "good.")
    assert answer.code == 0 and answer.err.count("is predicted as a text; --data reads the file") == 1
