"""Signals that arrive during a write are delivered after it, whatever handlers there are."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from zoo_core.filesystem.signals import defer_signals

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture
def handled(monkeypatch):
    """The signals that a handler got, which raises KeyboardInterrupt for SIGINT only."""
    got = []

    def handler(number, _frame):
        got.append(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    yield got
    for number, old in before.items():
        assert signal.getsignal(number) is handler
        signal.signal(number, old)


def test_signals_are_delivered_at_the_end_each_once(handled):
    with pytest.raises(KeyboardInterrupt), defer_signals():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
        assert handled == []
    assert handled == [signal.SIGTERM, signal.SIGINT]
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_a_block_inside_another_delivers_nothing(handled):
    with defer_signals():
        with defer_signals():
            os.kill(os.getpid(), signal.SIGTERM)
        assert handled == []
    assert handled == [signal.SIGTERM]


def test_after_the_first_signal_others_wait_for_a_moment(handled, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("zoo_core.filesystem.signals.time.monotonic", lambda: now[0])
    with pytest.raises(KeyboardInterrupt), defer_signals(after_first=True):
        try:
            with defer_signals():
                os.kill(os.getpid(), signal.SIGINT)
                assert handled == []
        except KeyboardInterrupt:
            os.kill(os.getpid(), signal.SIGINT)
            assert handled == [signal.SIGINT]
            with defer_signals():
                now[0] += 5
                os.kill(os.getpid(), signal.SIGTERM)
                assert handled == [signal.SIGINT]
    assert handled == [signal.SIGINT, signal.SIGINT]


def test_signals_are_delivered_after_an_error(handled):
    with pytest.raises(KeyboardInterrupt) as caught, defer_signals():
        os.kill(os.getpid(), signal.SIGINT)
        raise OSError("full")
    assert isinstance(caught.value.__context__, OSError)


def test_an_ignored_signal_stays_ignored(handled):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with defer_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_default_action_follows_the_write(tmp_path):
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with defer_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            (tmp_path / "written").touch()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    assert (tmp_path / "written").exists()


def test_other_threads_leave_the_handlers_alone(handled):
    found = []

    def work():
        with defer_signals():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]
