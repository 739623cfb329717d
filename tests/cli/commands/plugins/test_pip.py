"""`zoo plugins install` and `uninstall`, with a replacement for pip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def test_plugins_are_frozen_and_restored(zoo, pip, tmp_path):
    zoo("plugins", "install", "textzoo-new")
    frozen = zoo("plugins", "freeze")
    assert frozen.out.splitlines()[1:] == ["textzoo-new==1.0"] and frozen.err == ""
    listed = Path("plugins.txt")
    listed.write_text(f"{frozen.out}textzoo-gone==2.0\ntextzoo-new>1\n", "utf-8")
    answer = zoo("plugins", "restore", "plugins.txt", "--json")
    assert answer.json == {"file": "plugins.txt", "installed": ["textzoo-gone==2.0", "textzoo-new>1"]}
    assert pip[-1][3:] == ["pip", "install", "textzoo-gone==2.0", "textzoo-new>1"]
    assert answer.lines[:3] == [
        "textzoo-new==1.0: already installed",
        "textzoo-gone==2.0: to install",
        "textzoo-new>1: to install, now 1.0",
    ]
    listed.write_text("# textzoo 99\n# plugin file: mine.py (sha256 0a…)\ntextzoo-new==1.0\n", "utf-8")
    lines = zoo("plugins", "restore", "plugins.txt").lines
    assert "made with textzoo 99" in lines[0] and "mine.py is a plugin file" in lines[1]
    assert lines[-1] == "nothing to install" and len(pip) == 2
    listed.write_text("textzoo-new==1.0\n", "utf-16")  # as Windows PowerShell redirects
    assert zoo("plugins", "restore", "plugins.txt").lines[-1] == "nothing to install"


def test_file_with_options_or_urls_is_not_given_to_pip(zoo, refused, pip):
    Path("plugins.txt").write_text("--index-url http://elsewhere\ntextzoo-a @ http://elsewhere/a.whl\n", "utf-8")
    refused(zoo("plugins", "restore", "plugins.txt"), 2, "plugins.txt:1: expected NAME==VERSION", lines=3)
    refused(zoo("plugins", "restore", "none.txt"), 7, "cannot read none.txt")
    assert pip == []


def test_lost_plugin_is_told_by_the_first_command_only(zoo, pip, monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_STATE", str(tmp_path / "state"))
    zoo("plugins", "install", "textzoo-new")
    assert zoo("list", "recipe").err == ""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(tmp_path / "site")])
    assert zoo("--no-plugins", "list", "recipe").err == ""
    warning = "zoo: warning: 1 plugin distribution is not installed any more: textzoo-new 1.0 (hint: pip install"
    assert zoo("list", "recipe").err.startswith(warning)
    assert zoo("list", "recipe").err == ""
