"""Settings of plugins: `[plugin.NAME]` in the user's file and in a trusted project, checked by the plugin's class."""

from __future__ import annotations

from types import ModuleType

import pytest
from attrs import define, frozen

import zoo_calibration
import zoo_textbook
from zoo_core import hookimpl, setting, slot
from zoo_core.components.contracts import Activation
from zoo_core.components.validators import Bounds
from zoo_core.config.zoo import open_zoo


@frozen
class BoardSettings:
    """Where the events are written."""

    folder: str = setting("events", "the folder")
    every: int = setting(10, "batches between two values", Bounds(ge=1))
    host: str | None = setting(None, "the address of a server")


@pytest.fixture
def user_file(tmp_path, monkeypatch):
    def write(text):
        path = tmp_path / "own" / "zoo.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        monkeypatch.setenv("ZOO_CONFIG", str(path))
        monkeypatch.chdir(tmp_path)
        return path

    return write


def board(cls=BoardSettings, **hooks):
    plugin = ModuleType("board")
    plugin.zoo_settings = hookimpl(lambda: cls)
    for name, function in hooks.items():
        setattr(plugin, name, hookimpl(function))
    return plugin


def opened(plugin):
    return open_zoo(plugins={"calibration": zoo_calibration, "textbook": zoo_textbook, "board": plugin})


def test_the_plugin_gets_an_instance_of_its_class(user_file):
    user_file('[plugin.board]\nfolder = "logs"\nevery = 5\n')
    given = []
    zoo = opened(board(zoo_configured=lambda settings: given.append(settings)))
    assert given == [BoardSettings("logs", 5)] == list(zoo.plugin_settings.values())
    assert zoo.warnings == ()


def test_without_a_table_it_gets_the_defaults(user_file):
    user_file("")
    assert opened(board()).plugin_settings == {"board/board": BoardSettings()}


def test_a_table_by_the_qualified_name(user_file):
    user_file('[plugin.board]\nevery = 5\n[plugin."board/board"]\nevery = 7\nhost = "none"\n')
    assert opened(board()).plugin_settings == {"board/board": BoardSettings(every=7)}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("every = 0", "zoo.toml:2: plugin.board.every: must be at least 1, not 0"),
        ('every = "5"', "zoo.toml:2: plugin.board.every: must be a whole number"),
        ("evry = 5", 'zoo.toml:2: plugin.board.evry: unknown setting "evry" (hint: did you mean "every"?'),
    ],
)
def test_an_invalid_value_disables_the_plugin_and_names_the_line(user_file, line, reason):
    user_file(f"[plugin.board]\n{line}\n")
    given = []
    zoo = opened(board(zoo_configured=lambda settings: given.append(settings)))
    [unavailable] = zoo.plugins.unavailable
    assert "its settings are invalid: " in str(unavailable)
    assert reason in str(unavailable)
    assert str(unavailable).count("(hint: ") == 1 and "uninstall" not in str(unavailable)
    assert given == []
    assert "relu" in zoo.registry.names("activation")


@define
class NotFrozen:
    every: int = setting(1, "x")


@frozen
class WithSlot:
    activation: Activation = slot("relu", "x")


@frozen
class Undocumented:
    every: dict = setting({}, "")


@pytest.mark.parametrize(
    ("cls", "reason"),
    [
        (NotFrozen, "returned a class that is not frozen"),
        (WithSlot, "returned a class with a slot, which only components have"),
        (Undocumented, "the default of every is mutable"),
        (int, "returned int, not a class made by attrs.frozen"),
        (7, "returned int, not a class made by attrs.frozen"),
    ],
)
def test_an_invalid_class_disables_the_plugin(user_file, cls, reason):
    user_file("")
    assert reason in str(opened(board(cls)).plugins.unavailable[0])


def test_an_error_of_the_plugin_disables_it(user_file):
    user_file("")

    def fail(settings):
        raise OSError("no folder")

    assert "zoo_configured raised OSError: no folder" in str(opened(board(zoo_configured=fail)).plugins.unavailable[0])


def test_a_table_of_no_plugin_is_mentioned(user_file):
    path = user_file("[plugin.bord]\nevery = 5\n\n[plugin.textbook]\nevery = 5\n")
    assert opened(board()).warnings == (
        f'{path}:1: [plugin.bord] is ignored: no such plugin is installed (hint: did you mean "board"?)',
        f'{path}:4: [plugin.textbook] is ignored: plugin "textbook" has no settings',
    )


def test_a_project_must_be_trusted(user_file, tmp_path, monkeypatch):
    user_file("[plugin.board]\nevery = 5\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "zoo.toml").write_text("[plugin.board]\nevery = 9\n")
    monkeypatch.chdir(project)
    zoo = opened(board())
    assert zoo.plugin_settings["board/board"].every == 5
    assert "are ignored until you trust it" in zoo.warnings[0]


def test_it_must_be_a_table(user_file):
    user_file("[plugin]\nboard = 5\n")
    with pytest.raises(Exception, match=r"zoo.toml:2: plugin.board: must be a table, as in \[plugin.NAME\]"):
        opened(board())
