"""What many installed plugins cost at the start: `zoo --help` and `zoo list`, with and without them.

python -m benchmarks.many_plugins
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLUGINS, REPEATS = 200, 11
MOST = {"zoo --help": 0.1, "zoo list": 2.0}  # seconds: what the plugins add to the first, all that the second takes
SOURCE = '''"""A plugin with one part."""

from attrs import frozen
from zoo_core import Activation, hookimpl, setting


@frozen
class Part(Activation):
    """a·x: one of many.

    Source: none."""

    name = "part-{number}"
    acts = "elementwise"
    a: float = setting(1.0, "the factor a")

    def build(self):
        from torch import nn

        return nn.Identity()


@hookimpl
def zoo_activations():
    return [Part]
'''


def install(folder: Path, plugins: int) -> None:
    """Distributions of one plugin each, as pip leaves them."""
    for number in range(plugins):
        (folder / f"many_{number}.py").write_text(SOURCE.format(number=number))
        info = folder / f"textzoo_many_{number}-1.0.dist-info"
        info.mkdir()
        needs = "Requires-Dist: textzoo>=0.1,<1\nRequires-Dist: attrs\n"
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: textzoo-many-{number}\nVersion: 1.0\n{needs}")
        (info / "entry_points.txt").write_text(f"[textzoo.plugins]\nmany-{number} = many_{number}\n")
        (info / "RECORD").write_text("")


def seconds_of(command: str, folder: Path | None) -> float:
    """The wall time of one call of zoo, with the plugins of a folder."""
    path = [str(one) for one in (folder, *(ROOT / name for name in ("", "cli", "plugins"))) if one is not None]
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    call = [sys.executable, "-m", "zoo_cli", *command.split()[1:]]
    began = time.perf_counter()
    done = subprocess.run(call, check=True, cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True)
    took = time.perf_counter() - began
    assert folder is None or command != "zoo list" or f"part-{PLUGINS - 1}\t" in done.stdout
    return took


def main() -> int:
    """Print the medians; 1 where one is over its limit."""
    over = 0
    with tempfile.TemporaryDirectory() as name:
        install(Path(name), PLUGINS)
        print(f"{'':14}{'none':>8}{PLUGINS:>8}{'added':>8}   seconds")
        for command, most in MOST.items():
            taken: dict[Path | None, list[float]] = {None: [], Path(name): []}
            for round_ in range(REPEATS + 1):
                for folder, seconds in taken.items():
                    took = seconds_of(command, folder)
                    if round_:  # the first fills caches of files and byte code
                        seconds.append(took)
            without, with_them = (statistics.median(seconds) for seconds in taken.values())
            added = with_them - without
            print(f"{command:14}{without:8.3f}{with_them:8.3f}{added:8.3f}")
            over += (added if command == "zoo --help" else with_them) > most
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
