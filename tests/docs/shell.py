"""Commands of a page: `zoo` in this process, anything else in bash."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from attrs import define, field

from tests.docs.blocks import ROOT
from tests.limits import limit
from zoo_cli.main import run

SHELL_WORDS = frozenset("|&;<>$`")
OPTIONAL = ("mypy", "ruff")  # of the extra "dev"
PATH = (ROOT, ROOT / "cli", ROOT / "plugins")


@define
class Shell:
    """A folder in which the commands of one page run, in order."""

    folder: Path
    programs: Path = field()
    installed: list[Path] = field(factory=list)  # the project of a page, which needs processes of its own

    @programs.default
    def _programs(self) -> Path:
        """A folder with a `zoo` that runs this tree's command line."""
        folder = self.folder.parent / "programs"
        folder.mkdir(exist_ok=True)
        program = folder / "zoo"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m zoo_cli "$@"\n', "utf-8")
        program.chmod(0o755)
        return folder

    def run(self, command: str) -> tuple[int, str]:
        """Exit code and output, standard output and standard error together as in a terminal."""
        if command.startswith("cd "):
            self.folder = self.folder / shlex.split(command)[1]
            os.chdir(self.folder)
            return 0, ""
        words = shlex.split(command, comments=True)
        if words and words[0] == "zoo" and not _needs_shell(command) and not self.installed:
            return _run_here(words[1:])
        if words and words[0] in OPTIONAL and shutil.which(words[0]) is None:
            return 0, ""
        return self._run_in_bash(command)

    def install(self) -> None:
        """What `pip install -e .` leaves of the project in this folder, without the network."""
        facts = tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))["project"]
        site = self.folder.parent / "site"
        info = site / f"{facts['name'].replace('-', '_')}-{facts['version']}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {facts['name']}\nVersion: {facts['version']}\n")
        groups = facts["entry-points"].items()
        lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups]
        (info / "entry_points.txt").write_text("".join(lines))
        (info / "RECORD").write_text("")
        self.installed = [site, self.folder]

    def _run_in_bash(self, command: str) -> tuple[int, str]:
        if os.name == "nt" or shutil.which("bash") is None:  # what Windows calls bash may be another system
            pytest.skip("the pages are written for a POSIX shell")
        search = os.pathsep.join([str(self.programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        modules = os.pathsep.join([*map(str, [*self.installed, *PATH]), os.environ.get("PYTHONPATH", "")])
        types = {"MYPYPATH": os.pathsep.join(map(str, PATH)), "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "page")}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env={**os.environ, **types, "PATH": search, "PYTHONPATH": modules, "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit(),
        )
        return done.returncode, done.stdout.decode()


def _needs_shell(command: str) -> bool:
    """Whether a command has operators, variables or patterns outside quotes."""
    lexer = shlex.shlex(command, posix=False, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return any(SHELL_WORDS & set(token) for token in lexer if token[0] not in "'\"" and "'" not in token)


def _run_here(arguments: list[str]) -> tuple[int, str]:
    output = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(b""), "utf-8")
    try:
        with redirect_stdout(output), redirect_stderr(output):
            code = run(arguments)
    finally:
        sys.stdin = before
    output.flush()
    return code, output.buffer.getvalue().decode()  # type: ignore[attr-defined]


def read_commands(text: str) -> list[str]:
    """The commands of an `sh` block: one a line, a backslash at the end of a line joins it with the next.

    A block with a here-document is one script.
    """
    if "<<" in text:
        return [text]
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def read_session(text: str) -> list[tuple[str, str]]:
    """Command and expected output of each `$ ` line of a `console` block; lines after `> ` continue a command."""
    session: list[tuple[str, str]] = []
    for line in text.replace("\\\n", " ").splitlines(keepends=True):
        if line.startswith("$ "):
            session.append((line[2:].strip(), ""))
        elif line.startswith("> ") and not session[-1][1]:
            session[-1] = (f"{session[-1][0]}\n{line[2:].rstrip()}", "")
        else:
            assert session, "a console block starts with a command"
            session[-1] = (session[-1][0], session[-1][1] + line)
    return session
