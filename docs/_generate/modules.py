"""The modules of the packages, for the page on the architecture."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARENTS = ("zoo_core", "cli/zoo_cli", "plugins")
WIDTH = 118


def list_modules() -> str:
    """Each package with the names of its modules, wrapped."""
    lines = []
    for parent in PARENTS:
        for package in sorted({path.parent for path in (ROOT / parent).rglob("*.py")}):
            names = sorted(path.stem for path in package.glob("*.py") if path.stem != "__init__")
            if names:
                lines += _wrap(f"{package.relative_to(ROOT).as_posix()}/", names)
    return "\n".join(lines) + "\n"


def _wrap(package: str, names: list[str]) -> list[str]:
    lines = [package]
    for name in names:
        if lines[-1] == package or len(lines[-1]) + len(name) + 1 > WIDTH:
            lines.append("   ")
        lines[-1] += f" {name}"
    return lines
