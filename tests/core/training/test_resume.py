"""Resuming: a training that was killed at any time ends with the bytes of an uninterrupted one."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.limits import wait_until
from zoo_core import load_recipe, resume, train
from zoo_core.errors import DataError, InputOutputError, RecipeError, RunFolderError
from zoo_core.filesystem.writing import write_file
from zoo_core.runs.staging import CHECKPOINT_FILES, staging_area
from zoo_core.runs.store import staging_folder
from zoo_core.training import checkpoint
from zoo_core.training.checkpoint import Checkpoint
from zoo_core.training.checkpoint_file import decode_checkpoint, encode_checkpoint
from zoo_core.training.state_encoding import decode_state, encode_state

SETTINGS = (
    "vectorizer.cutoff=0",
    "training.epochs=3",
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
    for number in (1, 5, 9, *range(12, 400, 5)):  # the first prepare the folder; benchmarks.write_faults tries all
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


@pytest.fixture(scope="module")
def place_of_whole(tmp_path_factory):
    return tmp_path_factory.mktemp("whole") / "run"


@pytest.fixture
def whole(place, place_of_whole):
    """A run of `recipe()` that was not interrupted."""
    if not place_of_whole.exists():
        train(recipe(), "reviews.csv", run=place_of_whole)
    return place_of_whole


def recipe(*more: str):
    return load_recipe("yelp-mlp").override(*SETTINGS, *more)


def same(one: Path, other: Path) -> None:
    for name in BYTES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    ours, theirs = (json.loads((run / "result.json").read_bytes()) for run in (one, other))
    assert {**ours, "seconds": 0, "run": ""} == {**theirs, "seconds": 0, "run": ""}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks of one warm process")
def test_a_kill_at_every_fifth_change_of_a_file_and_again_while_resuming(place, whole):
    done = subprocess.run([sys.executable, "-c", KILLER, *SETTINGS], capture_output=True, text=True, cwd=place)
    assert done.returncode == 0, done.stderr
    lines = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(lines) > 10 and lines[-1][1:] == (0, 0, 0)
    started = [line for line in lines if line[3] == 0]
    for number, code, _, last in lines:
        assert code in (0, 9)
        if last == 0:
            same(whole, place / f"run-{number}")
        else:  # killed before the training was started: it cannot be resumed, and the error says so
            assert number < started[0][0]
    assert len(lines) - len(started) <= 4
    left = {one.name for one in place.iterdir() if one.name.endswith((".partial", ".unfinished"))}
    assert left <= {f".run-{number}.unfinished" for number, *_, last in lines if last}


def test_neither_training_nor_opening_a_run_imports_the_compiler(place):
    """It takes a second. The model has an embedding, whose first values are normal, and checkpoints are saved."""
    code = (
        "import sys; from zoo_core import load_recipe, open_run, train; "
        "train(load_recipe('text-cnn').override(*sys.argv[1:]), 'reviews.csv', run='run'); open_run('run'); "
        "assert 'torch._dynamo' not in sys.modules"
    )
    settings = ("task=yelp", "training.epochs=1", "training.checkpoint=0", "model.channels=4")
    assert subprocess.run([sys.executable, "-c", code, *settings], cwd=place).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_by_the_system_can_be_resumed(place, number):
    train(recipe("training.epochs=60"), "reviews.csv", run="whole")
    settings = [word for one in (*SETTINGS, "training.epochs=60") for word in ("--set", one)]
    command = [sys.executable, "-m", "zoo_cli", "train", "yelp-mlp", "--data", "reviews.csv", "--run", "run", *settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    saved = staging_folder(place / "run") / CHECKPOINT_FILES[number]
    wait_until(lambda: saved.exists() or process.poll() is not None, "a checkpoint is written")
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


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[-5] ^= 0x10
    path.write_bytes(data)


def remove_hash(path):
    save_file(load_file(path), path, metadata={"state": '{"dict": [["format", 1]]}'})


def make_sparse(path):
    os.truncate(path, 30 * 2**30)


DAMAGES = [corrupt_bytes, flip_a_bit, remove_hash, make_sparse, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_falls_back_to_the_one_before(place, whole, monkeypatch, damage, caplog):
    staging = interrupted(place, monkeypatch)
    damage(staging / CHECKPOINT_FILES[0])
    resume("run")
    same(whole, place / "run")
    assert ("resuming from the checkpoint before it" in caplog.text) == (damage is not Path.unlink)


def follow_hint(place, whole, error):
    """Remove the folder that a hint names, which must be the staging folder, and train again."""
    assert f"remove the folder {staging_folder(place / 'run')} and train again" in str(error)
    shutil.rmtree(staging_folder(place / "run"))
    train(recipe(), "reviews.csv", run="run")
    same(whole, place / "run")


@pytest.mark.parametrize("damage", [flip_a_bit, corrupt_bytes])
def test_two_damaged_checkpoints_are_refused_with_a_way_out(place, whole, monkeypatch, damage):
    staging = interrupted(place, monkeypatch)
    for name in CHECKPOINT_FILES:
        damage(staging / name)
    for _ in range(2):
        with pytest.raises(RunFolderError, match="damaged checkpoint") as caught:
            resume("run")
        assert caught.value.__notes__ == ["the unfinished training is kept"]
    follow_hint(place, whole, caught.value)


def test_a_checkpoint_of_another_training_is_refused(place, monkeypatch):
    staging = interrupted(place, monkeypatch)
    staging.rename(place / "other")
    with monkeypatch.context() as patch:
        made = recipe("training.seed=3")
        patch.setattr(sys.modules[__name__], "recipe", lambda: made)
        interrupted(place, monkeypatch)
    for name in CHECKPOINT_FILES:
        (place / "other" / name).replace(staging / name)
    with pytest.raises(RunFolderError, match="of another training"):
        resume("run")


def test_a_checkpoint_for_another_model_is_refused(place, monkeypatch):
    interrupted(place, monkeypatch)
    monkeypatch.setattr("zoo_core.training.checkpoint_state.states_match", lambda *_: False)
    with pytest.raises(RunFolderError, match=r"does not belong to this recipe: it is of another model \(hint: remove"):
        resume("run")


def test_a_disk_that_takes_no_checkpoint_does_not_end_the_training(place, whole, monkeypatch, caplog):
    refusals = [True, False, True]

    def full(path, data):
        if refusals.pop(0):
            raise InputOutputError("cannot write: no space left on device")
        write_file(path, data)

    monkeypatch.setattr(checkpoint, "write_file", full)
    train(recipe(), "reviews.csv", run="run")
    same(whole, place / "run")
    assert not refusals and caplog.text.count("no checkpoint was saved") == 1


def test_a_state_that_is_too_large_is_reported_and_not_stored(place, monkeypatch, caplog):
    monkeypatch.setattr(checkpoint, "MAX_STATE_BYTES", 10)
    monkeypatch.setattr(checkpoint, "MAX_STATE_TO_MODEL", 0)
    staging = interrupted(place, monkeypatch)
    assert not any((staging / name).exists() for name in CHECKPOINT_FILES)
    assert caplog.text.count("this run cannot be resumed: its state holds") == 1


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 2, "name": "a"}'])
def test_invalid_resume_information_is_refused_with_a_way_out(place, whole, monkeypatch, text):
    staging = interrupted(place, monkeypatch)
    (staging / "resume.json").write_text(text)
    with pytest.raises(RunFolderError, match=r"resume.json: .*hint: remove the folder"):
        resume("run")
    with pytest.raises(RunFolderError, match=r"resume.json") as caught:
        train(recipe(), "reviews.csv", run="run")
    follow_hint(place, whole, caught.value)


@pytest.fixture(scope="module")
def content():
    """The state of a tiny training."""
    weights = {"w": torch.tensor([1.5, -2.0])}
    return {"format": 2, "state": {"model": weights, "history": [{"loss": 0.5}, {"loss": math.nan}], "best": (1, None)}}


def test_every_flipped_bit_of_a_checkpoint_is_found(content):
    data = encode_checkpoint(content)
    assert repr(decode_checkpoint(data)) == repr(content)
    flipped = (bytes([*data[:at], data[at] ^ 1 << at % 8, *data[at + 1 :]]) for at in range(len(data)))
    for damaged in [*flipped, *(data[:size] for size in range(0, len(data), 3)), data + b"\x00", b""]:
        with pytest.raises(ValueError, match=r"hash|header"):
            decode_checkpoint(damaged)


@pytest.mark.parametrize("state", ["", "1", "[1]", '{"tensor": "9"}', '{"list":[' * 5000 + "]}" * 5000])
def test_invalid_content_with_a_valid_hash_is_refused(monkeypatch, state):
    monkeypatch.setattr("zoo_core.training.checkpoint_file.json.dumps", lambda _: state)
    data = encode_checkpoint({})
    monkeypatch.undo()
    if state == "1":
        assert decode_checkpoint(data) == 1
    else:
        with pytest.raises(ValueError):
            decode_checkpoint(data)


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
