"""Call `zoo` in this process or in another one, always from an empty folder."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.limits import limit
from tests.warm.command import zoo_command
from zoo_cli.main import run

GOOD = ("great", "lovely", "tasty", "friendly", "fresh", "perfect")
BAD = ("awful", "bland", "rude", "cold", "stale", "dirty")
FILLER = ("the food", "our waiter", "this place", "my soup", "a pizza", "the patio", "their bread")
QUICK = ("--set", "training.epochs=2", "--set", "vectorizer.cutoff=0")


@frozen
class Answer:
    """The result of a call."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


def zoo(*arguments: str, stdin: bytes = b"") -> Answer:
    """Run a command in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(one) for one in arguments])
    finally:
        sys.stdin = before
    out.flush(), err.flush()
    return Answer(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())


def process(*arguments: str, path: Path | None = None, python: tuple[str, ...] = (), **variables: str) -> Answer:
    """Run a command in another process; `path` is added to PYTHONPATH."""
    own, words = environment(path, **variables), [*map(str, arguments)]
    result = subprocess.run(
        [sys.executable, *python, "-m", "zoo_cli", *words] if python else zoo_command(*words, variables=own),
        env=own,
        capture_output=True,
        timeout=limit(),
    )
    return Answer(result.returncode, result.stdout.decode(), result.stderr.decode())


def environment(path: Path | None, **variables: str) -> dict[str, str]:
    own = {**os.environ, "PYTHONIOENCODING": "utf-8", **variables}
    return own if path is None else {**own, "PYTHONPATH": str(path)}


def refused(answer: Answer, code: int, *expected: str, lines: int = 1) -> None:
    """Assert that a call was rejected: exit code, one line per problem, no standard output, no run folder."""
    assert answer.code == code, answer
    assert answer.out == ""
    assert len(answer.lines) == lines, answer.err
    assert all(line.startswith("zoo: error: ") for line in answer.lines), answer.err
    for words in expected:
        assert words in answer.err
    assert not list(Path().glob("runs/*"))
    assert not list(Path().rglob("manifest.json"))


def rows(number: int = 80) -> list[tuple[str, str]]:
    """Labels and texts of reviews that are easy to classify, without duplicates."""
    made = []
    for i in range(number):
        label, words = (("positive", GOOD), ("negative", BAD))[i % 2]
        first, second = words[i % len(words)], words[i // 2 % len(words)]
        made.append((label, f"{FILLER[i % len(FILLER)]} was {first} and {second} on day {i}"))
    return made


def csv_bytes(header: str, records: list[tuple[str, ...]], separator: str = ",") -> bytes:
    return "\n".join([header, *(separator.join(record) for record in records), ""]).encode()


def distribution(
    where: Path, name: str, source: str | None, *, module: str, requires: str = "textzoo", plugin: str = "broken"
) -> Path:
    """Create an installed distribution with one plugin, as pip would."""
    where.mkdir(exist_ok=True)
    if source is not None:
        (where / f"{module}.py").write_text(source, "utf-8")
    info = where / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: {requires}\n")
    (info / "entry_points.txt").write_text(f"[textzoo.plugins]\n{plugin} = {module}\n")
    (info / "RECORD").write_text("")
    return where


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test starts in an empty folder without user settings."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (tmp_path / "none.toml").touch()
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.delenv("ZOO_DISABLE_PLUGINS", raising=False)
    return here


@pytest.fixture(name="zoo", scope="session")
def zoo_fixture() -> Callable[..., Answer]:
    return zoo


@pytest.fixture(name="process", scope="session")
def process_fixture() -> Callable[..., Answer]:
    return process


@pytest.fixture(name="refused", scope="session")
def refused_fixture() -> Callable[..., None]:
    return refused


@pytest.fixture(name="distribution", scope="session")
def distribution_fixture() -> Callable[..., Path]:
    return distribution


@pytest.fixture
def reviews(empty_folder: Path) -> Path:
    """A small file in the textbook's format: rating, review, no splits."""
    file = empty_folder / "reviews.csv"
    file.write_bytes(csv_bytes("rating,review", list(rows())))
    return file


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A perceptron trained on the sample, in a folder that tests must not change; `train.json` is beside it."""
    home = tmp_path_factory.mktemp("trained")
    changes = ("--set", "training.epochs=12", "--set", "optimizer.lr=0.02")
    answer = zoo("train", "yelp-perceptron", *changes, "--run", home / "run", "--json")
    assert answer.code == 0, answer.err
    (home / "train.json").write_text(answer.out, "utf-8")
    return home / "run"
