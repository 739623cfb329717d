"""The guide to plugins names every kind, and its commands for a broken plugin work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.docs.shell import Shell
from zoo_cli.scaffold.example_kinds import KINDS

PAGE = (ROOT / "docs" / "how-to" / "write-a-plugin.md").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_names_the_kind(kind: str) -> None:
    assert f"`{kind}`" in PAGE


def test_commands_for_a_broken_plugin_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (tmp_path / "zoo.toml").touch()
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "zoo.toml"))
    table = PAGE.partition("## When a plugin breaks")[2]
    commands = re.findall(r"`(zoo [^`]+)`", table.partition("| task | command |")[2])
    assert len(commands) == 7
    shell = Shell(folder)
    for command in commands:
        code, output = shell.run(shlex.join(shlex.split(command.replace("NAME", "yelp").replace("…", "list"))))
        assert code == 0, f"{command}\n{output}"
