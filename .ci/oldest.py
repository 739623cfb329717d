"""Print a constraints file of the oldest versions that pyproject.toml allows: python .ci/oldest.py > oldest.txt.

Only the direct requirements of the project and of the extra `test` are held at their lower bounds; what they require in
turn stays free, as in an installation of a user. `--keep NAME` leaves one out (torch, whose oldest release is large).
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?\s*>=\s*(?P<version>[0-9][\w.]*)")


def lower_bounds(project: Path, extras: list[str]) -> dict[str, str]:
    """The lower bound of each direct requirement, by name. ValueError for a requirement that has none."""
    table = tomllib.loads(project.read_text("utf-8"))["project"]
    requirements = [*table["dependencies"]]
    for extra in extras:
        requirements += table["optional-dependencies"][extra]
    bounds = {}
    for requirement in requirements:
        match = REQUIREMENT.match(requirement)
        if not match:
            raise ValueError(f'requirement "{requirement}" has no lower bound (hint: write NAME>=VERSION)')
        bounds[match["name"]] = match["version"]
    return bounds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--extra", action="append", default=["test"], help="an extra whose requirements count, too")
    parser.add_argument("--keep", action="append", default=[], metavar="NAME", help="a requirement to leave free")
    arguments = parser.parse_args()
    for name, version in sorted(lower_bounds(PROJECT, arguments.extra).items()):
        if name not in arguments.keep:
            print(f"{name}=={version}")


if __name__ == "__main__":
    main()
