"""The end of a process: what was registered and threads are waited for, whether or not the cleanup is skipped."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.limits import limit
from zoo_cli.process import process_end

CODE = """
import atexit, sys, threading
from zoo_cli.process import process_end

class Kept:
    def __del__(self, write=sys.stdout.write):
        write("cleaned up\\n")

process_end.register_end()
atexit.register(print, "registered")
threading.Thread(target=lambda: (threading.main_thread().join(), print("thread"))).start()
kept = Kept()
for is_allowed in {allowed}:
    process_end.allow_fast_end(is_allowed=is_allowed)
if {ended}:
    process_end.note_end(3)
sys.exit(3)
"""


@pytest.mark.parametrize(
    ("allowed", "ended", "cleans_up"),
    [([True], True, False), ([True, False], True, True), ([], True, True), ([True], False, True)],
)
def test_threads_and_registered_functions_end_before_the_process(allowed, ended, cleans_up):
    code = CODE.format(allowed=allowed, ended=ended)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        timeout=limit(),
        check=False,
    )
    expected = ["thread", "registered", *(["cleaned up"] if cleans_up else [])]
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (3, expected, "")


def test_cleanup_is_skipped_without_other_plugins_alone(zoo, empty_folder, monkeypatch):
    monkeypatch.setattr(process_end, "_allowed", [])
    (empty_folder / "mine.py").write_text("")
    assert zoo("list", "recipe").code == zoo("--plugin", "mine.py", "list", "recipe").code == 0
    assert process_end._allowed == [True, False]
