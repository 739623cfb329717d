"""Commands in hints: whatever a file, run or plugin is called, pasting one runs that command and no other."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from tests.limits import limit
from zoo_core.messages import escape_control_chars, suggest_command, suggest_install
from zoo_core.recipes.component_owners import install_hint

ROOT = Path(__file__).resolve().parents[2]
FILES = [file for folder in ("zoo_core", "cli/zoo_cli", "plugins") for file in sorted((ROOT / folder).rglob("*.py"))]
COMMAND = re.compile(
    r"(^|[\s(:'\"`,])((zoo|pip|python|cd|iconv|git|pytest)\s[\w\s./=-]*|--[a-z][a-z-]*[ =][\w.]*=?)['\"]?$"
)
NOT_SUGGESTED = {  # what the user wrote, repeated in a message; keys of components; names of encodings
    "f\"pip install '{DISTRIBUTION}[{extra}]'\"",  # names of ours
    "f'use --on {value}; --set task.split={value} if a column has this name'",  # one of three words
    "f'Short for --set {key}=VALUE.'",
    "f'zoo {renamed.command}'",
    "f'--set {text}'",
    "f'--set {kind}'",
    "f'--reader {reader}'",
    "f'--reader {text}'",
    "f'zoo {command_line}'",
    "f'iconv -f {guesses[0]} -t UTF-8'",
    "f'--on {rows.split} and --folds exclude each other'",
    "f'--set {name}: \"{name}\" is not plotted'",
    "f'pip failed with exit code {completed.returncode}'",
}
HOSTILE = [
    *(
        "; reboot",
        "$(reboot)",
        "`reboot`",
        "a b",
        "a\nb",
        "a\rb",
        "'",
        '"',
        "\\",
        "!!",
        "a&b",
        "a|b",
        ">x",
        "<x",
        "*",
        "?",
    ),
    *(
        "-",
        "--",
        "-x",
        "--index-url=http://evil",
        "~",
        "~root",
        "=ls",
        "#x",
        "{a,b}",
        "[a]",
        "\x1b[31m",
        "\x9b31m",
        "\0",
    ),
    *("\u202e", "\u2066x", "\u200b", "\udc80", "a" * 500, "", "a=b", "$HOME", "%PATH%", "^", "한글", "é"),
]


def commands_with_text(source: str) -> list[str]:
    """The f-strings in which a value follows words of a command."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            pairs = zip(node.values, node.values[1:], strict=False)
            if any(
                isinstance(before, ast.Constant)
                and isinstance(after, ast.FormattedValue)
                and COMMAND.search(str(before.value))
                for before, after in pairs
            ):
                found.append(ast.unparse(node))
    return found


def test_commands_are_built_by_one_function():
    found = {text: file for file in FILES for text in commands_with_text(file.read_text("utf-8"))}
    assert not found.keys() - NOT_SUGGESTED, {text: str(found[text]) for text in found.keys() - NOT_SUGGESTED}


@pytest.mark.parametrize(
    "code", ["f'pip install {x}'", "f'run zoo train --resume {x}, or'", "f'(hint: --plugin {x})'", "f\"cd '{x}'\""]
)
def test_commands_with_text_are_found(code):
    assert commands_with_text(code)


def runs_as_shown(command: str, *arguments: str) -> None:
    """Assert that a suggestion is shown as it is, and that a shell gives the program these arguments."""
    assert escape_control_chars(command) == command and "\n" not in command
    assert shlex.split(command)[2:] == list(arguments)
    assert not any(argument.startswith("-") for argument in arguments)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name):
    command = suggest_command("zoo show", name)
    if command:
        runs_as_shown(command, name)
    command = suggest_command("zoo show", PurePosixPath(name))
    if command:
        path = str(PurePosixPath(name))
        runs_as_shown(command, f"./{path}" if path[0] in "-=~" else path)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
@example(["-x"])
@example(["a", "--force"])
def test_random_names(names):
    command = suggest_command("zoo show", *names)
    is_plain = all(name and name.isprintable() and name[0] not in "-=~" for name in names)
    assert bool(command) == is_plain
    if command:
        runs_as_shown(command, *names)


@given(st.text(max_size=30), st.text(max_size=10))
@example("textzoo-mine", "1.0")
@example("-r", "1")
@example("mine", "1; reboot")
@example("mine @ http://evil", "")
def test_random_distributions(name, version):
    command = suggest_install(name, version)
    if command:
        (requirement,) = map(Requirement, shlex.split(command)[2:])
        assert requirement.name == name and requirement.url is None and not requirement.extras
        assert [Version(one.version) for one in requirement.specifier] == ([Version(version)] if version else [])


@pytest.mark.parametrize(
    "name",
    [
        *HOSTILE,
        "a/b",
        ".",
        "..",
        "a..",
        "_a",
        "x[extra]",
        "x==1",
        "git+https://evil",
        "x.whl ",
        "x.zip",
        "x.WHL",
        "x.tar.gz",
        "x.tgz",
    ],
)
def test_invalid_distributions_are_not_suggested(name):
    assert suggest_install(name) == ""
    assert suggest_install("mine", name) == "" or name == ""


@pytest.mark.parametrize("name", [*filter(None, HOSTILE), "../x.py", "/tmp/x.py", "a/b.py"])
def test_plugin_file_of_a_strangers_run_is_a_name_in_the_working_folder(name):
    hint = install_hint(f"file:{name}", "1")
    word = shlex.split(hint)[-1] if hint else ""
    assert word in ("", name, f"./{name}") and "/" not in word.removeprefix("./")
    assert install_hint("file:mine.py", "0a1b") == "give the file with --plugin mine.py"


def test_long_commands_are_not_suggested():
    assert suggest_command("zoo predict", "a" * 200)
    assert suggest_command("zoo predict", "a" * 200, "b" * 100) == ""


def test_shell_agrees():
    """The words that bash reads are the arguments, for all hostile names together."""
    names = [name for name in HOSTILE if suggest_command("zoo show", name)]
    assert len(names) > 20
    script = "\n".join(suggest_command("printf '%s\\0'", name) for name in names)
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=limit())
    assert done.stdout.decode() == "".join(f"{name}\0" for name in names)
