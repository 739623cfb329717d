"""Run the pages of the tutorial and write their outputs and pictures anew: `python docs/refresh_tutorial.py [PAGE…]`.

The blocks of a page run as in `tests/docs`. An output that matches the page stays as it is, any other takes its place.
A picture that a page shows and its commands have written is copied beside the page. Diagrams come from `diagrams.py`,
notebooks from `notebooks.py`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent / folder) for folder in ("", "cli", "plugins")]

from diagrams import compact  # noqa: E402
from notebooks import write_notebook  # noqa: E402

from tests.docs.blocks import Block, read_blocks  # noqa: E402
from tests.docs.outputs import matches  # noqa: E402
from tests.docs.shell import Shell, read_commands  # noqa: E402

PICTURE = re.compile(r"!\[[^]]*\]\(([^)/]+)\)")
SECONDS = re.compile(r"(?<=seconds: ).+|(?<= epochs, )[\d.]+(?= s\))")
TRIAL = re.compile(r"trial \d+/\d+: ")


def refresh(path: Path) -> None:
    """Run a page in an empty folder, write it with the outputs of today, and copy the pictures it made."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    changes: list[tuple[slice, str]] = []
    with tempfile.TemporaryDirectory() as parent, contextlib.chdir(parent):
        folder = Path(parent, "here")
        folder.mkdir()
        os.chdir(folder)
        runner = Runner(Shell(folder))
        for block in read_blocks(path):
            place = slice(block.line, block.line + block.text.count("\n"))
            changes.append((place, runner.run(block)))
        for name in PICTURE.findall("".join(lines)):
            if Path(name).exists():
                copy_picture(Path(name), path.parent / name)
    for place, text in reversed(changes):
        lines[place] = [text]
    path.write_text("".join(lines), "utf-8")
    write_notebook(path)


class Runner:
    """Runs the blocks of a page in order; each becomes the text that the page should have."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.printed = ""

    def run(self, block: Block) -> str:
        if block.not_run or block.source:
            return block.text
        if block.file:
            (self.shell.folder / block.file).write_text(block.text, "utf-8")
        elif block.is_output:
            return refreshed(block.text, self.printed)
        elif block.language == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
                exec(compile(block.text, "the page", "exec"), self.names)  # noqa: S102
            self.printed = output.getvalue()
        elif block.language == "sh":
            for command in read_commands(block.text):
                code, text = self.shell.run(command)
                if code:
                    raise SystemExit(f"{command}\n{text}")
        elif block.language == "console":
            return self.session(block.text)
        return block.text

    def session(self, text: str) -> str:
        """A console block with the outputs of today."""
        shown = []
        for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE)[1:]:
            command, before = re.match(r"\$ ((?:.*\\\n)*.*\n)((?s:.*))", part).groups()  # type: ignore[union-attr]
            _, output = self.shell.run(command.replace("\\\n", " ").strip())
            shown.append(f"$ {command}{refreshed(before, output)}")
        return "".join(shown)


def refreshed(before: str, output: str) -> str:
    """The output as the page shows it: unchanged if it matches, else aligned and without timings."""
    if matches(before, output):
        return before
    lines = [SECONDS.sub("…", line) for line in output.splitlines()]
    trials = [at for at, line in enumerate(lines) if TRIAL.match(line)]
    if len(trials) > 4:  # of many trials, the first two and the last
        lines[trials[2] : trials[-1]] = ["…"]
    return aligned(lines)


def aligned(lines: list[str]) -> str:
    """Lines with the tab-separated columns of each table padded to one width, and its column of seconds left out."""
    shown: list[str] = []
    for is_table, group in groupby(lines, key=lambda line: line.count("\t")):
        rows = [line.split("\t") for line in group]
        if not is_table:
            shown += (row[0] for row in rows)
            continue
        if rows[0][-1] in ("s", "seconds"):
            rows = [rows[0], *([*row[:-1], "…"] for row in rows[1:])]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
            shown.append("  ".join(cells).rstrip())
    return "".join(f"{line}\n" for line in shown)


def copy_picture(source: Path, target: Path) -> None:
    """Copy a picture, made smaller: an SVG with shorter coordinates, a PNG with 64 colors."""
    if source.suffix != ".svg":
        from PIL import Image  # which matplotlib needs as well

        Image.open(source).convert("RGB").quantize(64).save(target, optimize=True)
        return
    target.write_text(compact(source.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "textzoo"  # with the fixed date: the same picture, the same bytes
    os.environ |= {"SOURCE_DATE_EPOCH": "0", "ZOO_CONFIG": os.devnull}
    pages = [Path(name).resolve() for name in sys.argv[1:]]
    for page in pages or sorted(DOCS.glob("tutorial*/*.md")):
        print(page.relative_to(DOCS))
        refresh(page)
