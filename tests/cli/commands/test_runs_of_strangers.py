"""Run folders of strangers: what they name is opened only if it is a regular file, and none hides the others."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from zoo_core.runs.store import to_json

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, links and holes of POSIX")


def seal(folder: Path) -> None:
    """Write a manifest that fits the files of a run."""
    files = [path for path in folder.iterdir() if path.name != "manifest.json"]
    hashes = {path.name: sha256(path.read_bytes()).hexdigest() for path in files}
    (folder / "manifest.json").write_bytes(to_json({"format": 1, "files": hashes}))


@pytest.fixture(scope="module")
def on_a_file(tmp_path_factory, zoo):
    """A run that was trained on a file."""
    folder = tmp_path_factory.mktemp("on_a_file")
    lines = ["text,label", *(f"soup {i},a\ntea {i},b" for i in range(30)), ""]
    (folder / "d.csv").write_text("\n".join(lines))
    assert (
        zoo("train", "text-mlp", "--data", folder / "d.csv", "--set", "training.epochs=1", "--run", folder / "r").code
        == 0
    )
    return folder / "r"


@pytest.fixture
def naming(on_a_file):
    """Make a run that names other data files."""

    def make(*names):
        shutil.rmtree("r", ignore_errors=True)
        shutil.copytree(on_a_file, "r")
        result = json.loads(Path("r/result.json").read_bytes())
        result["data"] |= {"files": list(names), "source": ", ".join(names)}
        Path("r/result.json").write_bytes(to_json(result))
        seal(Path("r"))
        return "r"

    return make


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe", "got a named pipe"),
        ("to-pipe", "got a named pipe"),
        ("/dev/zero", "got a device"),
        ("/dev/stdin", "got a"),
        ("-", "got the name of standard input"),
        ("loop", "cannot read"),
        ("/dev/*", "is missing"),
        ("**/*", "is missing"),
        ("a\0b", "cannot read"),
        ("x" * 5000, "cannot read"),
    ],
)
def test_data_that_a_run_names_is_a_regular_file(zoo, refused, naming, name, words):
    os.mkfifo("pipe")
    Path("-").write_text("text,label\n", encoding="utf-8")
    Path("to-pipe").symlink_to("pipe")
    Path("loop").symlink_to("loop")
    run = naming(name)
    calls = [("evaluate", run), ("compare", run, run), ("train", "--locked", run)]
    for call in calls if name == "pipe" else calls[:1]:
        answer = zoo(*call)
        assert (answer.code, answer.out, len(answer.lines)) == (3, "", 1), answer
        assert words in answer.err


def test_data_that_a_user_names_may_be_a_pipe(zoo, on_a_file):
    assert zoo("evaluate", on_a_file, "--data", "-", stdin=b"text,label\nsoup,a\ntea,b\n").code == 0
    assert zoo("evaluate", on_a_file).code == 0  # its own file


def test_bad_runs_do_not_hide_the_others(zoo, on_a_file):
    names = ("good", "hole", "tensors", "pipe", "link", "loop", "deep", "digits", "types", "folder")
    made = {name: Path(shutil.copytree(on_a_file, Path("runs") / name)) for name in names}
    os.truncate(made["hole"] / "manifest.json", 30 << 30)
    os.truncate(made["tensors"] / "model.safetensors", 20 << 30)
    for name in ("pipe", "link", "loop", "folder"):
        (made[name] / "result.json").unlink()
    os.mkfifo(made["pipe"] / "result.json")
    (made["link"] / "result.json").symlink_to(made["good"].absolute() / "result.json")
    (made["loop"] / "result.json").symlink_to("result.json")
    (made["folder"] / "result.json").mkdir()
    for name, content in (("deep", "[" * 100_000), ("digits", "1" * 10_000), ("types", '{"recipe": []}')):
        (made[name] / "result.json").write_text(content)
        seal(made[name])
    Path("runs/dangling").symlink_to("nowhere")
    Path("runs/around").symlink_to(".")
    states = {Path(row["run"]).name: row["state"] for row in zoo("runs", "--json", "--sort", "name").json}
    assert states.pop("good") == "finished"
    assert list(states) == sorted(set(names) - {"good"})
    assert all(state.startswith("corrupt: ") for state in states.values())
    assert "larger than 1 MiB" in states["hole"]
    assert "the header does not describe its size" in states["tensors"]
    assert "not a regular file" in states["pipe"]
    assert "symbolic links are not allowed" in states["link"]
    for name in states:
        assert zoo("predict", made[name], "soup").code == 4


@pytest.mark.parametrize("name", ["zoo.toml", "mine.toml", "lock.json"])
def test_settings_recipes_and_locks_are_regular_files(zoo, monkeypatch, name):
    os.mkfifo(name)
    monkeypatch.setenv("ZOO_CONFIG", "zoo.toml" if name == "zoo.toml" else os.devnull)
    call = {"zoo.toml": ("plugins", "disable", "yelp"), "mine.toml": ("recipe", "check", "mine.toml")}
    answer = zoo(*call.get(name, ("train", "--locked", "lock.json")))
    assert (answer.code, len(answer.lines)) == (4 if name == "lock.json" else 2, 1), answer
    assert f"{name}: not a regular file, but a named pipe" in answer.err
    Path(name).unlink()
    Path(name).write_bytes(b"")
    os.truncate(name, 30 << 30)
    assert f"{name}: larger than" in zoo(*call.get(name, ("train", "--locked", "lock.json"))).err
