"""Signals at any moment of a command: during an import, in a finalizer, before and after it."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.limits import wait_until
from zoo_cli import main
from zoo_cli.process import interrupts
from zoo_core.errors import DataError, Terminated

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def running():
    """The state of a command that runs; everything is restored."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    hook = sys.unraisablehook
    interrupts.handle_command()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook, interrupts._phase = hook, "starting"
        interrupts._raised.clear()


def wait_for_signal() -> None:
    wait_until(lambda: False, "the signal is delivered")


@pytest.mark.parametrize(
    ("number", "expected"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated), (signal.SIGHUP, Terminated)],
)
def test_signal_raises(number, expected):
    with pytest.raises(expected):
        os.kill(os.getpid(), number)


def test_signal_that_is_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interrupts.handle_command()
    os.kill(os.getpid(), signal.SIGHUP)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_during_an_import_is_delivered_after_it(tmp_path, monkeypatch, number):
    code = f"import signal\nis_loaded = False\nsignal.raise_signal({int(number)})\nis_loaded = True\n"
    (tmp_path / "interrupted_module.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        module = importlib.import_module("interrupted_module")
        wait_for_signal()
    assert module.is_loaded
    del sys.modules["interrupted_module"]


def test_signal_in_a_finalizer_is_sent_again(capsys):
    class Finalized:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        Finalized()
        wait_for_signal()
    assert capsys.readouterr().err == ""


def test_other_errors_in_finalizers_are_shown(capsys):
    class Faulty:
        def __del__(self):
            raise ValueError("spoiled")

    Faulty()
    assert "spoiled" in capsys.readouterr().err


def test_signal_after_the_end_changes_nothing():
    interrupts.handle_end()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "zoo: interrupted\n"),
        (Terminated(), 143, "zoo: interrupted\n"),
        (click.Abort(), 130, "zoo: interrupted\n"),
    ],
)
@pytest.mark.parametrize("place", ["make_context", "invoke"])
def test_interrupted_command_is_one_line(zoo, monkeypatch, raised, code, line, place):
    def interrupted(*_arguments, **_options):
        raise raised

    monkeypatch.setattr(main.zoo, place, interrupted)
    answer = zoo("list")
    assert (answer.code, answer.out, answer.err) == (code, "", line)


@pytest.mark.parametrize(
    ("error", "code"), [(TypeError("spoiled by native code"), 130), (DataError("no rows"), 3), (OSError(28, "full"), 7)]
)
def test_error_that_native_code_made_of_a_signal_is_an_interrupt(zoo, monkeypatch, error, code):
    def failed(*_arguments, **_options):
        interrupts._raised.append(KeyboardInterrupt())
        raise error

    monkeypatch.setattr(main.zoo, "invoke", failed)
    answer = zoo("list")
    assert (answer.code, len(answer.lines)) == (code, 1)
    assert (answer.err == "zoo: interrupted\n") == (code == 130)


def test_signal_while_the_command_line_is_imported():
    """In a process of its own: it ends itself, as nothing else can be done during its import."""
    code = """
import builtins, signal, sys
original = builtins.__import__
def importing(name, *arguments, **options):
    if name == "click":
        signal.raise_signal(signal.SIGINT)
    return original(name, *arguments, **options)
builtins.__import__ = importing
sys.argv = ["zoo", "list"]
from zoo_cli.process.start import main
main()
"""
    cli = str(Path(main.__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([cli, *sys.path])}
    done = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"zoo: interrupted\n")
