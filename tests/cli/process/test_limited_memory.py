"""Commands under a limit of the address space: what native code does then, in a process without torch."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import limit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the address space can be limited on Linux only")

PROGRAM = """
import os, resource, signal, sys
from pathlib import Path
from zoo_cli.process.limited_memory import continue_in_child, is_address_space_limited
from zoo_core.filesystem import crash_notes

assert not is_address_space_limited()
resource.setrlimit(resource.RLIMIT_AS, (8_000_000_000, 8_000_000_000))
assert is_address_space_limited()
continue_in_child()
for name in (".a.unfinished", ".b.unfinished"):
    Path(name).mkdir()
    crash_notes.note_folder(Path(name[1]))
Path(".b.unfinished/checkpoint.safetensors").touch()
os.write(2, b"memory allocation of 96 bytes failed\\n<jemalloc>: no thread\\n")
print("shown", file=sys.stderr)
exec(sys.argv[1])
"""


def run(ending: str, folder: Path, *, before: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", before + PROGRAM, ending]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit(), check=False)


def test_an_abort_is_one_line_and_leaves_only_checkpoints(tmp_path):
    ended = run("os.abort()", tmp_path)
    expected = "shown\nzoo: error: out of memory: the address space is limited to 8,000 MB (hint: raise ulimit -v)\n"
    assert (ended.returncode, ended.stderr) == (7, expected)
    assert [path.name for path in tmp_path.glob(".*")] == [".b.unfinished"]


def test_an_exit_by_native_code_is_an_abort(tmp_path):
    ended = run("import ctypes; ctypes.CDLL(None).exit(1)", tmp_path)  # as OpenBLAS does
    assert ended.returncode == 7 and ended.stderr.endswith("8,000 MB (hint: raise ulimit -v)\n")
    assert "allocation" not in ended.stderr
    assert [path.name for path in tmp_path.glob(".*")] == [".b.unfinished"]


def test_an_abort_after_the_end_of_the_command_changes_nothing(tmp_path):
    ended = run("from zoo_cli.process.limited_memory import note_exit_code as note; note(3); os.abort()", tmp_path)
    assert (ended.returncode, ended.stderr) == (3, "shown\nmemory allocation of 96 bytes failed\n")


def test_a_library_that_could_not_be_mapped_means_too_little_memory(tmp_path):
    program = """
import warnings
from zoo_core.memory import is_out_of_memory
try:
    warnings.warn("Polars binary is missing!", stacklevel=1)
except UserWarning as error:
    sys.exit(0 if is_out_of_memory(error) else 3)
sys.exit(4)"""
    assert run(program, tmp_path).returncode == 0


def test_a_child_that_waits_for_ever_with_a_full_address_space_is_ended(tmp_path):
    fill = "import mmap; kept = mmap.mmap(-1, 7_500_000_000, prot=mmap.PROT_READ); signal.pause()"
    quick = "import zoo_cli.process.limited_memory as limited; limited.STALL_SECONDS = 0.5\n"
    ended = run(fill, tmp_path, before=quick)
    assert ended.returncode == 7 and ended.stderr.endswith("8,000 MB (hint: raise ulimit -v)\n")
    assert [path.name for path in tmp_path.glob(".*")] == [".b.unfinished"]


@pytest.mark.parametrize(
    ("ending", "code", "errors"),
    [
        ("sys.exit(0)", 0, "shown\nmemory allocation of 96 bytes failed\n"),
        ("sys.exit(3)", 3, "shown\nmemory allocation of 96 bytes failed\n"),
        ("sys.exit(7)", 7, "shown\n"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, "shown\n"),
        ("os.kill(os.getppid(), signal.SIGTERM); signal.pause()", -signal.SIGTERM, "shown\n"),
    ],
)
def test_the_parent_ends_as_the_child_does(tmp_path, ending, code, errors):
    ended = run(ending, tmp_path)
    assert (ended.returncode, ended.stderr) == (code, errors)
    assert len(list(tmp_path.glob(".*"))) == (1 if code == 7 else 2)


def test_every_error_of_a_full_address_space_means_too_little_memory(tmp_path):
    check = "from zoo_core.memory import is_out_of_memory as out; e = TypeError('x'); "
    fill = "import mmap; kept = mmap.mmap(-1, 7_500_000_000, prot=mmap.PROT_READ); "
    ended = run(
        f"{check}before = out(e); {fill}sys.exit(0 if (before, out(e), out(OSError(2))) == (0, 1, 0) else 3)", tmp_path
    )
    assert ended.returncode == 0


def test_an_error_that_cannot_be_reported_for_lack_of_memory_is_one_line():
    program = (
        "import zoo_cli.main as main\n"
        "def exhausted(error): raise MemoryError\n"
        "main.zoo.make_context, main.report_error = lambda *_, **__: exhausted(None), exhausted\n"
        "main.main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=limit(), check=False
    )
    assert (ended.returncode, ended.stderr) == (7, "zoo: error: out of memory\n")
