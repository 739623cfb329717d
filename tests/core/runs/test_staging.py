"""Staging folders: created exclusively, tried before the training, kept as long as they hold work."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from zoo_core import resume, train
from zoo_core.errors import InputOutputError, RecipeError, RunFolderError, Terminated
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
from zoo_core.runs.staging import discard_run, is_resumable, locked_folder, staging_area
from zoo_core.runs.store import staging_folder
from zoo_core.training import training_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and owners of POSIX")
CONTENTS = dict.fromkeys(store.REQUIRED_FILES, b"x")


@pytest.mark.parametrize("name", ["lr0", "a[1]", "a*", "-", "n" * 240, "n" * 250, "a b", ".hidden"])
def test_a_run_is_written_into_a_folder_of_any_name(tmp_path, name):
    target = tmp_path / name
    with claim_run_folder(target, "name") as folder:
        expected = target / store.INSIDE if len(name) > 240 else tmp_path / f".{name}.unfinished"
        assert (staging_folder(folder), expected.is_dir()) == (expected, True)
        store.write_run(folder, CONTENTS)
    assert store.is_finished(target)
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_to_an_empty_folder_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir(mode=0o750)
    (tmp_path / "link").symlink_to("disk")
    inode = (tmp_path / "disk").stat()
    with claim_run_folder(f"{tmp_path / 'link'}/", "name") as folder:
        store.write_run(folder, CONTENTS)
    assert (tmp_path / "link").is_symlink()
    assert store.is_finished(tmp_path / "disk")
    after = (tmp_path / "disk").stat()
    assert (after.st_ino, after.st_mode) == (inode.st_ino, inode.st_mode)


def test_the_working_folder_may_be_the_run(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with claim_run_folder(".", "name") as folder:
        store.write_run(folder, CONTENTS)
    assert (tmp_path / "here" / store.MANIFEST).exists() and Path().samefile(tmp_path / "here")


@pytest.mark.parametrize(
    ("call", "code"),
    [("mkdir", errno.EROFS), ("mkdir", errno.EACCES), ("mkdir", errno.ENAMETOOLONG), ("replace", errno.EXDEV)],
    ids=str,
)
def test_a_mounted_folder_has_its_staging_folder_inside(tmp_path, monkeypatch, call, code):
    """The parent refuses what another file system, or a read-only one, refuses."""
    target, function = tmp_path / "run", getattr(os, call)
    (target / "lost+found").mkdir(parents=True)

    def refuse(path, *args, **kwargs):
        if Path(path).is_relative_to(tmp_path / ".run.unfinished") and (
            call == "mkdir" or target in Path(args[0]).parents
        ):
            raise OSError(code, os.strerror(code))
        return function(path, *args, **kwargs)

    monkeypatch.setattr(os, call, refuse)
    with claim_run_folder(target, "name") as folder:
        assert [path.name for path in tmp_path.iterdir()] == ["run"]
        assert (target / store.INSIDE).is_dir()
        with pytest.raises(InputOutputError, match="another training"), staging_area(target):
            pass
        store.write_run(folder, CONTENTS)
    assert {path.name for path in target.iterdir()} == {*CONTENTS, store.MANIFEST, "lost+found"}


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EIO, errno.EDQUOT], ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["replace", "fsync", "mkdir"])
def test_what_the_last_step_needs_is_tried_first(tmp_path, monkeypatch, call, code):
    (tmp_path / "run").mkdir()

    def refuse(*_arguments, **_more):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(InputOutputError, match=os.strerror(code)), claim_run_folder(tmp_path / "run", "name"):
            pytest.fail("the training began")
    assert [path.name for path in tmp_path.rglob("*")] == ["run"]


def foreign_link(staging: Path, outside: Path) -> None:
    staging.symlink_to(outside)


def foreign_file(staging: Path, outside: Path) -> None:
    staging.write_text("mine", "utf-8")


def link_inside(staging: Path, outside: Path) -> None:
    staging.mkdir()
    (staging / "checkpoint.safetensors").symlink_to(outside / "victim")


def dangling_lock(staging: Path, outside: Path) -> None:
    staging.mkdir()
    (staging / "lock").symlink_to(outside / "nowhere")


def pipe_as_lock(staging: Path, outside: Path) -> None:
    staging.mkdir()
    os.mkfifo(staging / "lock")


def writable_by_all(staging: Path, outside: Path) -> None:
    staging.mkdir()
    staging.chmod(0o777)


@pytest.mark.parametrize(
    "make", [foreign_link, foreign_file, link_inside, dangling_lock, pipe_as_lock, writable_by_all]
)
def test_a_foreign_staging_folder_is_refused_and_left_alone(tmp_path, make):
    outside = tmp_path / "outside"
    outside.mkdir()
    make(tmp_path / ".run.unfinished", outside)
    with pytest.raises(RunFolderError, match=r"\.run\.unfinished"), claim_run_folder(tmp_path / "run", "name"):
        pytest.fail("the training began")
    assert list(outside.iterdir()) == []
    assert os.path.lexists(tmp_path / ".run.unfinished")


def test_a_staging_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    (tmp_path / ".run.unfinished").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(RunFolderError, match="another user"), staging_area(tmp_path / "run"):
        pass


def test_a_dangling_link_as_the_lock_of_a_swap_ends(tmp_path):
    (tmp_path / "lock").symlink_to("nowhere")
    with pytest.raises(RunFolderError, match="not a lock file"), locked_folder(tmp_path, doing="swap", hint=""):
        pass


def test_a_killed_training_takes_no_name_from_the_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs/.a-1.unfinished").mkdir(parents=True)
    with claim_run_folder(None, "a") as folder:
        assert folder == Path("runs/a-2")


@pytest.fixture
def stopping(monkeypatch):
    """Send signals when a function of `training_run` is called; SIGTERM raises Terminated, as in the command line."""

    def raise_terminated(*_arguments):
        raise Terminated

    before = signal.signal(signal.SIGTERM, raise_terminated)

    def install(place, name, count=1):
        function = getattr(place, name)

        def call(*args, **kwargs):
            for _ in range(count):
                os.kill(os.getpid(), signal.SIGTERM)
            return function(*args, **kwargs)

        monkeypatch.setattr(place, name, call)

    yield install
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("function", ["_score_best", "summarize", "RunFiles"])
def test_a_signal_after_the_training_waits_for_the_run(tmp_path, small, reviews, stopping, function):
    stopping(training_run, function)
    with pytest.raises(Terminated) as caught:
        train(small(), reviews, run=tmp_path / "run")
    assert caught.value.__notes__ == [f"the run in {tmp_path / 'run'} is finished"]
    assert store.read_run(tmp_path / "run")
    assert not staging_folder(tmp_path / "run").exists()


@pytest.mark.parametrize("function", ["_score_best", "RunFiles", "move_files"])
def test_a_signal_keeps_the_checkpoint(tmp_path, small, reviews, stopping, monkeypatch, function):
    whole = train(small("training.checkpoint=0"), reviews, run=tmp_path / "whole")
    with monkeypatch.context():
        stopping(store if function == "move_files" else training_run, function)
        with pytest.raises(Terminated) as caught:
            train(small("training.checkpoint=0"), reviews, run=tmp_path / "run")
    (note,) = caught.value.__notes__
    monkeypatch.undo()
    if function == "move_files":  # the last step is not interrupted
        assert note == f"the run in {tmp_path / 'run'} is finished"
    else:
        assert note.startswith("the unfinished training is kept: resume it with zoo train --resume")
        assert is_resumable(tmp_path / "run")
        with pytest.raises(RecipeError, match="was not finished"):
            train(small(), reviews, run=tmp_path / "run")
        resume(tmp_path / "run")
    found = store.read_run(tmp_path / "run")
    assert found["model.safetensors"] == store.read_run(whole.folder)["model.safetensors"]


def test_a_second_signal_while_the_best_weights_are_kept_waits(tmp_path, small, reviews, stopping, monkeypatch):
    """Both signals arrive in the second epoch, before there is a checkpoint."""
    from zoo_core.training import loop

    copy, calls = loop.validate, []

    def second_epoch(*args):
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return copy(*args)

    monkeypatch.setattr(loop, "validate", second_epoch)
    stopping(loop, "TrainingResult", count=3)
    with pytest.raises(Terminated):
        train(small("training.epochs=50"), reviews, run=tmp_path / "run")
    assert b'"interrupted": "SIGTERM"' in store.read_run(tmp_path / "run")["result.json"]


def test_the_next_training_removes_what_a_kill_left_beside_finished_runs(tmp_path):
    for name in ("finished", "finished.1", "unfinished"):
        (tmp_path / f".{name}.unfinished").mkdir(mode=0o700)
        (tmp_path / f".{name}.unfinished" / "checkpoint.safetensors").write_bytes(b"weights")
    for name in ("finished", "finished.1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_bytes(b"{}")
    with (
        staging_area(tmp_path / "finished.1", resume=True),
        claim_run_folder(tmp_path / "new", "new"),
    ):
        left = sorted(path.name for path in tmp_path.iterdir() if path.name.endswith(".unfinished"))
    assert left == [".finished.1.unfinished", ".new.unfinished", ".unfinished.unfinished"]


def test_a_discarded_link_leaves_its_target(tmp_path):
    for name in ("other", ".other.unfinished"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("other")
    discard_run(tmp_path / "link")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.unfinished", "other"]
