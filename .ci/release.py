"""Check that the tree is ready to be released as a tag: python .ci/release.py v0.1.0.

The version of pyproject.toml, the first heading of CHANGELOG.md, CITATION.cff and the tag are the same, the heading has
a date, and no news fragment waits in changes/.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def release_problems(tag: str, root: Path = ROOT) -> list[str]:
    """What keeps this tag from being released, one line each."""
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    problems = [] if tag == f"v{version}" else [f'tag: got "{tag}", expected "v{version}"']
    heading = re.search(r"^## (.+)$", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    dated = re.fullmatch(rf"\[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)", heading[1] if heading else "")
    if not dated:
        found = heading[1] if heading else "no heading"
        problems.append(f'CHANGELOG.md: got "{found}", expected "[{version}] - YEAR-MONTH-DAY"')
    citation = (root / "CITATION.cff").read_text("utf-8")
    if f"\nversion: {version}\n" not in citation:
        problems.append(f"CITATION.cff: expected version {version}")
    if dated and f'\ndate-released: "{dated[1]}"\n' not in citation:
        problems.append(f'CITATION.cff: expected date-released "{dated[1]}"')
    waiting = sorted(path.name for path in (root / "changes").iterdir() if path.name != "README.md")
    return problems + [f"changes/{name}: not collected (hint: towncrier build)" for name in waiting]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python .ci/release.py TAG")
    found = release_problems(sys.argv[1])
    print("\n".join(found) or f"{sys.argv[1]} can be released")
    sys.exit(1 if found else 0)
