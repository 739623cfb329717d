"""Resuming: a training that was killed at any time ends with the bytes of an uninterrupted one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

from zoo_core import load_recipe, resume, train
from zoo_core.errors import DataError, InputOutputError, RecipeError, RunFolderError
from zoo_core.runs.staging import staging_area, staging_folder
from zoo_core.training.checkpoint import Checkpoint, decode_state, encode_state

SETTINGS = (
    "vectorizer.cutoff=0",
    "training.epochs=4",
    "training.patience=0",
    "training.batch_size=16",
    "training.checkpoint=0",
    "scheduler.patience=0",
)
BYTES = ("model.safetensors", "metrics.jsonl", "encoder.json", "recipe.toml", "components.json", "head.json")

# Each training is a fork of one warm process. It dies at its n-th change of a file, with no chance to clean up.
KILLER = textwrap.dedent("""
    import os, sys
    import safetensors.torch, torch, polars
    from zoo_core import load_recipe, resume, train
    from zoo_core.runs import load
    from zoo_core.training import training_run

    def changes(event, args):
        if event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR):
            return os.devnull != args[0]
        return event in ("os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree")

    def forked(work, die_at):
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        left = [die_at]
        def hook(event, args):
            if changes(event, args):
                left[0] -= 1
                if left[0] == 0:
                    os._exit(9)
        sys.addaudithook(hook)
        try:
            work()
        except BaseException as error:
            print(type(error).__name__, error, file=sys.stderr)
            os._exit(1)
        os._exit(0)

    settings = sys.argv[1:]
    load_recipe("yelp-mlp").plan()
    for number in range(1, 200):
        run = f"run-{number}"
        recipe = load_recipe("yelp-mlp")
        code = forked(lambda: train(recipe.override(*settings), "reviews.csv", run=run), number)
        again = 0 if code == 0 else forked(lambda: resume(run), 1 + number // 2)
        last = again if again in (0, 1) else forked(lambda: resume(run), -1)
        print(number, code, again, last, flush=True)
        if code == 0:
            break
""")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with a small file of reviews."""
    monkeypatch.chdir(tmp_path)
    words = ("great lovely tasty fresh", "awful bland rude cold")
    texts = [f"the food was {words[n % 2].split()[n * 7 % 4]} {'and' * (n % 3)} {n % 11}" for n in range(160)]
    ratings = ["positive" if n % 2 == 0 else "negative" for n in range(160)]
    pl.DataFrame({"rating": ratings, "review": texts}).write_csv("reviews.csv")
    return tmp_path


def recipe(*more: str):
    return load_recipe("yelp-mlp").override(*SETTINGS, *more)


def same(one: Path, other: Path) -> None:
    for name in BYTES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    ours, theirs = (json.loads((run / "result.json").read_bytes()) for run in (one, other))
    assert {**ours, "seconds": 0, "run": ""} == {**theirs, "seconds": 0, "run": ""}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks of one warm process")
def test_a_kill_at_every_change_of_a_file_and_again_while_resuming(place):
    train(recipe(), "reviews.csv", run="whole")
    done = subprocess.run([sys.executable, "-c", KILLER, *SETTINGS], capture_output=True, text=True, cwd=place)
    assert done.returncode == 0, done.stderr
    lines = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(lines) > 20 and lines[-1][1:] == (0, 0, 0)
    started = [line for line in lines if line[3] == 0]
    for number, code, _, last in lines:
        assert code in (0, 9)
        if last == 0:
            same(place / "whole", place / f"run-{number}")
        else:  # killed before the training was started: it cannot be resumed, and the error says so
            assert number < started[0][0]
    assert len(lines) - len(started) <= 6
    left = {one.name for one in place.iterdir() if one.name.endswith((".partial", ".unfinished"))}
    assert left <= {f".run-{number}.unfinished" for number, *_, last in lines if last}


def test_saving_a_checkpoint_does_not_import_the_compiler(place):
    code = (
        "import sys; from zoo_core import load_recipe, train; train(load_recipe('yelp-mlp').override(*sys.argv[1:]), "
    )
    code += "'reviews.csv', run='run'); assert 'torch._dynamo' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code, *SETTINGS], cwd=place).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("delay", [0.0, 0.15])
def test_a_kill_by_the_system_can_be_resumed(place, delay):
    train(recipe("training.epochs=60"), "reviews.csv", run="whole")
    settings = [word for one in (*SETTINGS, "training.epochs=60") for word in ("--set", one)]
    command = [sys.executable, "-m", "zoo_cli", "train", "yelp-mlp", "--data", "reviews.csv", "--run", "run", *settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (staging_folder(place / "run") / "checkpoint.safetensors").exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode != 0:
        with pytest.raises(RecipeError, match="was not finished"):
            train(recipe(), "reviews.csv", run="run")
        assert resume("run").summary["epochs"] == 60
    same(place / "whole", place / "run")


def interrupted(place, monkeypatch, after: int = 2):
    """A run that stops hard after some checkpoints, as a kill would: its staging folder stays."""
    saved = Checkpoint.save
    count = []

    def dying(self, state):
        saved(self, state)
        count.append(1)
        if len(count) == after:
            raise InputOutputError("the disk went away")

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", dying)
        with pytest.raises(InputOutputError):
            train(recipe(), "reviews.csv", run="run")
    return staging_folder(place / "run")


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("scheduler", ["none", "reduce-on-plateau", "linear-decay"])
def test_restores_optimizer_and_scheduler(place, monkeypatch, optimizer, scheduler):
    parts = (f"optimizer={optimizer}", f"scheduler={scheduler}")
    settings = [one for one in SETTINGS if not one.startswith("scheduler")]
    made = load_recipe("yelp-mlp").override(*settings, *parts)
    train(made, "reviews.csv", run="whole")
    monkeypatch.setattr(sys.modules[__name__], "recipe", lambda: made)
    interrupted(place, monkeypatch)
    resume("run")
    same(place / "whole", place / "run")


def test_rejects_other_data_and_keeps_the_checkpoint(place, monkeypatch):
    staging = interrupted(place, monkeypatch)
    with Path("reviews.csv").open("a", encoding="utf-8") as stream:
        stream.write("positive,one more\n")
    with pytest.raises(DataError, match="the data was changed since this run started"):
        resume("run")
    assert (staging / "checkpoint.safetensors").exists()


def corrupt_bytes(path):
    path.write_bytes(b"\x00" * 100)


def corrupt_weights(path):
    tensors = {name: torch.zeros(3) for name in load_file(path)}
    save_file(tensors, path, metadata=_metadata(path))


def corrupt_structure(path):
    save_file(load_file(path), path, metadata={"state": '{"dict": [["format", 1]]}'})


def corrupt_depth(path):
    save_file(load_file(path), path, metadata={"state": '{"list":[' * 5000 + "]}" * 5000})


def _metadata(path):
    from safetensors import safe_open

    with safe_open(path, framework="pt") as stored:
        return stored.metadata()


@pytest.mark.parametrize("corrupt", [corrupt_bytes, corrupt_weights, corrupt_structure, corrupt_depth])
def test_rejects_a_corrupt_checkpoint(place, monkeypatch, corrupt):
    staging = interrupted(place, monkeypatch)
    corrupt(staging / "checkpoint.safetensors")
    with pytest.raises(RunFolderError, match="checkpoint"):
        resume("run")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 2, "name": "a"}'])
def test_rejects_invalid_resume_information(place, monkeypatch, text):
    staging = interrupted(place, monkeypatch)
    (staging / "resume.json").write_text(text)
    with pytest.raises(RunFolderError):
        resume("run")


def test_rejects_a_second_training_into_one_folder(place):
    with staging_area(place / "run"), pytest.raises(InputOutputError, match="another training"):
        train(recipe(), "reviews.csv", run="run")
    train(recipe(), "reviews.csv", run="run")
    assert not staging_folder(place / "run").exists()


def test_rejects_runs_that_cannot_be_resumed(place):
    train(recipe(), "reviews.csv", run="run")
    with pytest.raises(RecipeError, match="finished"):
        resume("run")
    with pytest.raises(RunFolderError, match="no unfinished"):
        resume("nowhere")


def test_a_failed_training_leaves_no_staging_folder(place):
    Path("bad.csv").write_text("rating,review\npositive\n", encoding="utf-8")
    with pytest.raises(DataError):
        train(recipe(), "bad.csv", run="run")
    assert sorted(one.name for one in place.iterdir()) == ["bad.csv", "reviews.csv"]


def test_encodes_only_plain_values():
    value = {"a": [1, 2.5, None, True, (float("-inf"), "x")], 3: {"t": torch.arange(3)}}
    tensors = {}
    found = decode_state(json.loads(json.dumps(encode_state(value, tensors))), tensors)
    assert found["a"] == value["a"] and torch.equal(found[3]["t"], torch.arange(3))
    with pytest.raises(TypeError, match="object"):
        encode_state({"x": object()}, {})
    for wrong in ([1], {"tensor": "none"}, {"code": "x"}, {"float": "a"}, {"dict": [[1]]}, {"a": 1, "b": 2}):
        with pytest.raises((ValueError, KeyError, TypeError)):
            decode_state(wrong, {})
