"""Every command and every code block of the README and the docs runs, and prints what the page shows."""

from __future__ import annotations

import ast
import io
import json
import tomllib
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.docs.blocks import LANGUAGES, PAGES, REASONS, ROOT, Block, read_blocks
from tests.docs.outputs import matches
from tests.docs.shell import Shell, read_commands, read_session
from zoo_core import load_recipe
from zoo_core.recipes.plan import SLOTS, TABLES

BLOCKS = {page.relative_to(ROOT).as_posix(): read_blocks(page) for page in PAGES}
SLOW_PAGES = ("docs/tutorial", "docs/how-to/", "docs/reference/python-api.md")
RUNNABLE = {name: blocks for name, blocks in BLOCKS.items() if any(block.language != "text" for block in blocks)}


def run_page(blocks: list[Block], shell: Shell) -> int:
    """Run the blocks of a page in order; the number of blocks that ran."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    printed, count = "", 0
    for block in blocks:
        for command in block.set_up:
            code, output = shell.run(command)
            assert code == 0, f"line {block.line}: {command}\n{output}"
        if block.file:
            (shell.folder / block.file).write_text(block.text, "utf-8")
        if block.not_run or block.source:
            parse(block)
            if block.not_run == "installs packages" and (shell.folder / "pyproject.toml").is_file():
                shell.install()
            continue
        if block.language == "python" and not block.file:
            output = io.StringIO()
            with redirect_stdout(output):
                exec(compile(block.text, f"line {block.line}", "exec"), namespace)  # noqa: S102
            printed = output.getvalue()
        elif block.is_output:
            assert matches(block.text, printed), f"line {block.line}: printed\n{printed}"
        else:
            run_block(block, shell)
        count += 1
    return count


def run_block(block: Block, shell: Shell) -> None:
    """Run a block of commands or check a block of data."""
    if block.language == "sh":
        for command in read_commands(block.text):
            code, output = shell.run(command)
            assert code == 0, f"line {block.line}: {command}\nexit code {code}\n{output}"
    elif block.language == "console":
        for command, expected in read_session(block.text):
            code, output = shell.run(command)
            assert (code == 0) == ("zoo: error:" not in expected), f"line {block.line}: {command}\n{output}"
            assert matches(expected, output), f"line {block.line}: {command}\n{output}"
    else:
        parse(block)
        if block.language == "toml":
            resolve(block, shell.folder)


def parse(block: Block) -> None:
    """Check the syntax of a block."""
    if block.language == "python":
        ast.parse(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "json":
        json.loads(block.text)


def resolve(block: Block, folder: Path) -> None:
    """Resolve a block that holds a recipe."""
    if set(tomllib.loads(block.text)) <= {*SLOTS, *TABLES, "extends", "about"}:
        path = folder / (block.file or "block.toml")
        path.write_text(block.text, "utf-8")
        load_recipe(str(path)).plan()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * name.startswith(SLOW_PAGES)) for name in RUNNABLE]
)
def test_every_block_of_the_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (tmp_path / "none.toml").touch()
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ZOO_DISABLE_PLUGINS", raising=False)
    blocks = BLOCKS[name]
    assert run_page(blocks, Shell(folder)) == sum(not (block.not_run or block.source) for block in blocks)


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_has_a_known_language_and_every_marker_a_known_reason(name: str) -> None:
    for block in BLOCKS[name]:
        assert block.language in LANGUAGES, f"line {block.line}"
        assert block.not_run in {"", *REASONS}, f"line {block.line}"


def test_most_blocks_run() -> None:
    code = [block for blocks in BLOCKS.values() for block in blocks if block.language in ("sh", "console", "python")]
    assert len(code) >= 40
    assert sum(bool(block.not_run or block.source) for block in code) <= len(code) / 3
