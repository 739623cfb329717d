"""Check that a wheel holds each tracked file of the packages and nothing else: python .ci/wheel_files.py WHEEL."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def tracked_files() -> set[str]:
    """The files of the packages that git tracks, by their path in the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    listing = subprocess.run(["git", "ls-files", "-z", *packages], cwd=ROOT, capture_output=True, check=True)
    prefixes = [package.rpartition("/")[0] for package in packages]
    names = set()
    for path in filter(None, listing.stdout.decode().split("\0")):
        prefix = next((prefix for prefix in prefixes if prefix and path.startswith(f"{prefix}/")), "")
        names.add(path.removeprefix(f"{prefix}/"))
    return names


def main() -> int:
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
        has_recipes = any(name.endswith(".dist-info/extra_metadata/registry.toml") for name in wheel.namelist())
    tracked = tracked_files()
    problems = [f"missing from the wheel: {name}" for name in sorted(tracked - packed)]
    problems += [f"in the wheel but not tracked: {name}" for name in sorted(packed - tracked)]
    problems += [] if has_recipes else ["missing from the wheel: registry.toml"]
    print("\n".join(problems) or f"{len(packed)} files in the wheel, all of them tracked")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
