"""Startup time of `zoo --help` and `zoo list` with and without many installed plugins.

python -m benchmarks.many_plugins
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = 200
MAX_SECONDS = {"zoo --help": 0.1, "zoo list": 2.0}  # added by the plugins to the first, in total for the second
SOURCE = '''"""A plugin with one component."""

from attrs import frozen
from zoo_core import Activation, hookimpl, setting


@frozen
class Scale(Activation):
    """a·x: one of many activations.

    Source: none."""

    name = "scale-{number}"
    acts = "elementwise"
    a: float = setting(1.0, "factor a")

    def build(self):
        from torch import nn

        return nn.Identity()


@hookimpl
def zoo_activations():
    return [Scale]
'''


def install(folder: Path, plugins: int) -> None:
    """Write distributions with one plugin each, as pip installs them."""
    for number in range(plugins):
        (folder / f"many_{number}.py").write_text(SOURCE.format(number=number))
        info = folder / f"textzoo_many_{number}-1.0.dist-info"
        info.mkdir()
        requirements = "Requires-Dist: textzoo>=0.1,<1\nRequires-Dist: attrs\n"
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: textzoo-many-{number}\nVersion: 1.0\n{requirements}"
        )
        (info / "entry_points.txt").write_text(f"[textzoo.plugins]\nmany-{number} = many_{number}\n")
        (info / "RECORD").write_text("")


def seconds_of(command: str, folder: Path | None) -> float:
    """Return the wall time of a zoo command, with the plugins of a folder."""
    folders = [*([folder] if folder else []), *(ROOT / name for name in ("", "cli", "plugins"))]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    arguments = [sys.executable, "-m", "zoo_cli", *command.split()[1:]]
    started = time.perf_counter()
    process = subprocess.run(arguments, check=True, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - started
    assert folder is None or command != "zoo list" or f"scale-{PLUGINS - 1}\t" in process.stdout
    return seconds


def main() -> int:
    """Print the medians; return 1 if one is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=11)
    options = parser.parse_args()
    num_over_limit = 0
    with tempfile.TemporaryDirectory() as name:
        install(Path(name), PLUGINS)
        print(f"{'':14}{'none':>8}{PLUGINS:>8}{'added':>8}   seconds")
        for command, max_seconds in MAX_SECONDS.items():
            times: dict[Path | None, list[float]] = {None: [], Path(name): []}
            for round_ in range(options.repeats + 1):
                for folder, folder_times in times.items():
                    seconds = seconds_of(command, folder)
                    if round_:  # the first fills the caches of files and byte code
                        folder_times.append(seconds)
            without, with_plugins = (statistics.median(folder_times) for folder_times in times.values())
            added = with_plugins - without
            print(f"{command:14}{without:8.3f}{with_plugins:8.3f}{added:8.3f}")
            num_over_limit += (added if command == "zoo --help" else with_plugins) > max_seconds
    return int(num_over_limit > 0)


if __name__ == "__main__":
    sys.exit(main())
