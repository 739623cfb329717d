"""`zoo doctor`: versions, broken plugins, and the plugin that breaks a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.plugins.bisect import find_minimal_failing

SOUND = "import zoo_core\n"
# ends the process from native code with exit code 0
DEADLY = "import ctypes\nctypes.CDLL(None)._exit(0)\n"


@pytest.fixture
def path(tmp_path, distribution):
    """Eight installed plugins, one of which ends the process."""
    for number in range(8):
        source = DEADLY if number == 5 else SOUND
        place = distribution(
            tmp_path / "site", f"textzoo-p{number}", source, module=f"some_p{number}", plugin=f"p{number}"
        )
    return os.pathsep.join([str(place), *filter(None, sys.path)])


def test_all_checks_pass(zoo):
    answer = zoo("doctor", "--json")
    assert answer.code == 0, answer.out
    result = {row["check"]: row for row in answer.json}
    assert {"python", "textzoo", "torch", "plugin textbook", "cpu"} <= set(result)
    assert {row["state"] for row in result.values()} == {"ok"}
    assert zoo("doctor").out.splitlines()[0] == "check\tstate\tfound"


def settings_rows(answer):
    return [(row["check"], row["state"], row["found"]) for row in answer.json if row["check"].startswith("settings")]


def test_settings_files_are_named_in_their_order(zoo, tmp_path, monkeypatch, trust_project):
    user = tmp_path / "none.toml"
    shipped = ("settings 1: shipped", "ok", "registry.toml of textzoo")
    none = ("settings 3: project", "ok", "none: zoo.toml in the working folder or above it")
    assert settings_rows(zoo("doctor", "--json")) == [shipped, ("settings 2: user", "ok", str(user)), none]
    project = Path("zoo.toml").resolve()
    project.write_text('[plugins]\ndisabled = ["x"]\n', "utf-8")
    found = settings_rows(zoo("doctor", "--json"))[2]
    assert (
        found[:2] == ("settings 3: project", "ok")
        and f"{project}: its [plugins], [plugin] and [owners] are ignored" in found[2]
    )
    user.chmod(0o666)
    answer = zoo("doctor", "--json")
    assert answer.code == 1 and f"{user} is ignored: other users can write" in settings_rows(answer)[1][2]


@pytest.mark.parametrize("problem", ["no such file", "not a file"])
def test_named_settings_file_that_is_missing_is_an_error(zoo, refused, monkeypatch, tmp_path, problem):
    named = tmp_path / "named.toml"
    if problem == "not a file":
        named.mkdir()
    monkeypatch.setenv("ZOO_CONFIG", str(named))
    refused(zoo("list"), 2, f"ZOO_CONFIG: {problem}: {named} (hint: create the file, or unset ZOO_CONFIG)")
    answer = zoo("doctor", "--json")
    assert answer.code == 1 and settings_rows(answer)[1][1] == "error"
    monkeypatch.setenv("ZOO_CONFIG", os.devnull)
    assert zoo("list").code == 0


def test_working_command(zoo):
    answer = zoo("doctor", "runs", "--json")
    assert (answer.code, answer.out) == (0, "check\tstate\tfound\nzoo runs --json\tok\tworks\n")


def test_finds_the_plugin_that_breaks_a_command(process, path):
    died = process("list", "recipe", PYTHONPATH=path)
    assert (died.code, died.out) == (0, "")
    answer = process("doctor", "list", "recipe", PYTHONPATH=path)
    assert answer.code == 1
    assert 'fails because of plugin "p5" (textzoo-p5 1.0) (hint: upgrade or uninstall textzoo-p5' in answer.out
    assert "zoo plugins disable p5" in answer.out


@pytest.mark.slow
def test_checks_survive_a_plugin_that_ends_the_process(process, path):
    answer = process("doctor", "--json", PYTHONPATH=path)
    assert answer.code == 1
    [wrong] = [row for row in answer.json if row["state"] == "error"]
    assert "textzoo-p5 1.0" in wrong["found"]
    assert process("--no-plugin", "p5", "doctor", "--json", PYTHONPATH=path).code == 0


@pytest.mark.slow
def test_error_without_plugins(zoo):
    answer = zoo("doctor", "predict", "nowhere", "good")
    assert answer.code == 1 and "fails without third-party plugins too" in answer.out


@given(st.sets(st.integers(0, 40), min_size=1, max_size=4), st.integers(41, 60))
def test_minimal_failing_set_is_found_in_few_calls(guilty, many):
    tries = []

    def fails(some):
        tries.append(some)
        return guilty <= set(some)

    assert find_minimal_failing(range(many), fails) == sorted(guilty)
    assert len(tries) <= 7 * len(guilty) + 1
