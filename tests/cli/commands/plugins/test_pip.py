"""`zoo plugins install` and `uninstall`, with a replacement for pip."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture
def pip(monkeypatch, tmp_path, distribution):
    """The calls of pip; it installs textzoo-new and fails for textzoo-none."""
    calls = []

    def played(call, **_more):
        calls.append(call)
        if call[-1] == "textzoo-none":
            return subprocess.CompletedProcess(call, 1, "ERROR: No matching distribution found\n")
        if call[-2:] == ["install", "textzoo-new"]:
            monkeypatch.syspath_prepend(distribution(tmp_path / "site", "textzoo-new", "", module="new", plugin="new"))
        return subprocess.CompletedProcess(call, 0, "Successfully done\n")

    monkeypatch.setattr(subprocess, "run", played)
    return calls


def test_install_prints_the_command_and_new_plugins(zoo, pip):
    answer = zoo("plugins", "install", "textzoo-new")
    assert pip == [[sys.executable, "-P", "-m", "pip", "install", "textzoo-new"]]
    assert (answer.code, answer.out) == (0, "")
    assert answer.lines == [
        f"running: {sys.executable} -P -m pip install textzoo-new",
        "pip: Successfully done",
        "new: textzoo-new/new",
    ]
    assert "no new plugins" in zoo("plugins", "install", "--upgrade", "textzoo").err
    assert pip[-1][-2:] == ["--upgrade", "textzoo"]


def test_uninstall_only_distributions_with_plugins(zoo, refused, pip):
    refused(zoo("plugins", "uninstall", "attrs"), 2, 'no plugin is provided by "attrs"')
    refused(zoo("plugins", "uninstall", "textzoo"), 2, 'no plugin is provided by "textzoo"')
    assert pip == []
    zoo("plugins", "install", "textzoo-new")
    answer = zoo("plugins", "uninstall", "TextZoo_New")
    assert (answer.code, pip[-1][3:]) == (0, ["pip", "uninstall", "--yes", "TextZoo_New"])


def test_failure_of_pip_is_reported(zoo, pip):
    answer = zoo("plugins", "install", "textzoo-none")
    assert (answer.code, answer.out) == (5, "")
    assert "pip: ERROR: No matching distribution found" in answer.err
    assert answer.lines[-1].startswith("zoo: error: pip failed with exit code 1")


def test_option_of_pip_is_rejected(zoo, refused, pip):
    refused(zoo("plugins", "install", "--", "--index-url=http://elsewhere"), 2, "is not a valid distribution name")
    assert pip == []
