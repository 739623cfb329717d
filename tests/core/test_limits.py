"""No test has a number of seconds of its own: a slow or busy machine would fail it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import limits

TESTS = Path(__file__).resolve().parents[1]
CLOCKS = {"sleep", "monotonic", "perf_counter", "process_time", "thread_time", "time", "time_ns", "monotonic_ns", "now"}
WAITS = {"alarm", "communicate", "join", "poll", "result", "setitimer", "select", "Timer", "timeout", "wait"}
OF_TIME = {"timeout", "deadline", "max_seconds"}


def seconds_in(source: str) -> list[str]:
    """The calls of a source that read a clock, sleep, or wait for a number of seconds."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "sleep(" in node.value:
            found.append(node.value)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            reads = name.rpartition(".")[0] in ("time", "os.times") and name.rpartition(".")[2] in CLOCKS
            numbers = [*node.args] if name.rpartition(".")[2] in WAITS else []
            numbers += [keyword.value for keyword in node.keywords if keyword.arg in OF_TIME]
            if reads or any(isinstance(one, ast.Constant) and isinstance(one.value, int | float) for one in numbers):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    "source",
    [
        "time.sleep(delay)",
        "from time import sleep",
        "subprocess.run(call, timeout=60)",
        "thread.join(5)",
        "child.communicate(timeout=1.5)",
        "signal.alarm(10)",
        "started = time.monotonic()",
        "CODE = 'import time; time.sleep(60)'",
    ],
)
def test_a_number_of_seconds_is_found(source):
    assert seconds_in(source)


def test_tests_have_no_number_of_seconds():
    sources = [path for path in TESTS.rglob("*.py") if path not in (Path(limits.__file__), Path(__file__))]
    found = {str(path.relative_to(TESTS)): seconds_in(path.read_text("utf-8")) for path in sources}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_the_limit_grows_with_the_slowness_of_the_machine(monkeypatch):
    monkeypatch.setattr(limits.os, "getloadavg", lambda: (70.0 * limits.os.cpu_count(), 0.0, 0.0), raising=False)
    assert limits.limit() >= 70 * limits.LONGEST_SECONDS
    monkeypatch.setattr(limits, "REFERENCE_SECONDS", 1e-9)  # this machine is a million times slower than that one
    assert limits.limit() > 1000 * limits.LONGEST_SECONDS


def test_waits_until_a_condition_is_true(monkeypatch):
    answers = [False, False, True]
    limits.wait_until(lambda: answers.pop(0), "it is true")
    assert answers == []
    monkeypatch.setattr(limits, "limit", lambda: 0.0)
    with pytest.raises(AssertionError, match="until it is true"):
        limits.wait_until(lambda: False, "it is true")
