"""Code blocks of a Markdown page, each with the marker above it.

A marker is an HTML comment on a line of its own, above a block:

    <!-- not run: REASON -->   the block is only parsed; REASON is one of `REASONS`
    <!-- file: NAME -->        the block is the content of a file in the page's folder
    <!-- set-up: COMMAND -->   a command that runs before the block and that a reader does not need
    <!-- source: SOURCE -->    the block is copied from a source by `docs/generate.py`, and only parsed

A `text` block directly below a `python` block is what that block prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if "_build" not in path.relative_to(ROOT).parts
)
LANGUAGES = {"console", "sh", "python", "toml", "json", "text"}
REASONS = {
    "network",
    "installs packages",
    "publishes a package",
    "needs a cluster",
    "needs another program",
    "sets up the shell",
    "stops a training",
    "takes minutes",
}
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>.*)$")
MARKER = re.compile(r"^ *<!-- (?P<verb>not run|file|set-up|source)(?:: (?P<value>.*?))? -->$")


@frozen
class Block:
    """A fenced block: its language, its text, the line it starts on, and its markers."""

    language: str
    text: str
    line: int
    not_run: str = ""
    file: str = ""
    is_output: bool = False
    set_up: tuple[str, ...] = ()
    source: str = ""


def read_blocks(path: Path) -> list[Block]:
    """Every fenced block of a page that is not a Sphinx directive."""
    lines = iter(enumerate(path.read_text("utf-8").splitlines(), 1))
    blocks: list[Block] = []
    markers: list[tuple[str, str]] = []
    above = ""  # the language of a block with nothing below it yet
    for number, line in lines:
        if marker := MARKER.match(line):
            markers.append((marker["verb"], marker["value"] or ""))
        elif fence := FENCE.match(line):
            text = _read_body(lines, fence["indent"], fence["ticks"])
            if not fence["info"].startswith("{"):
                language = fence["info"].strip()
                blocks.append(_block(language, text, number, markers, above == "python" and language == "text"))
                above = language
            markers = []
        elif line.strip():
            assert not markers, f"{path.name}:{number}: a marker must stand directly above a block"
            above = ""
    return blocks


def _read_body(lines: Iterator[tuple[int, str]], indent: str, ticks: str) -> str:
    body = []
    for _, line in lines:
        if line.strip() == ticks:
            return "".join(f"{text}\n" for text in body)
        body.append(line.removeprefix(indent))
    raise AssertionError("a block without an end")


def _block(language: str, text: str, line: int, markers: list[tuple[str, str]], is_output: bool) -> Block:
    values = dict(markers)
    return Block(
        language,
        text,
        line,
        not_run=values.get("not run", ""),
        file=values.get("file", ""),
        is_output=is_output,
        source=values.get("source", ""),
        set_up=tuple(value for verb, value in markers if verb == "set-up"),
    )
