"""A single file as a plugin: by option, from settings, and in runs that used it."""

from __future__ import annotations

from pathlib import Path

import pytest

SOURCE = '''
from __future__ import annotations

from attrs import frozen
from zoo_core import Activation, hookimpl, setting
from zoo_core.components.validators import positive


@frozen
class Wobble(Activation):
    """x + a·sin(x)."""

    name = "wobble"
    acts = "elementwise"
    a: float = setting(0.5, "how far it wobbles", positive)

    def build(self):
        from torch import nn

        return nn.Tanh()


@hookimpl
def zoo_activations():
    return [Wobble]
'''
TRAIN = ("train", "yelp-mlp", "--set", "model.activation=wobble", "--set", "training.epochs=1", "--run", "run")


@pytest.fixture
def file(empty_folder) -> Path:
    path = empty_folder / "my_wobble.py"
    path.write_text(SOURCE, "utf-8")
    return path


def names(answer) -> list[str]:
    return [row["name"] for row in answer.json]


def test_plugin_file_is_loaded_for_one_call(zoo, refused, file):
    refused(zoo(*TRAIN), 2, 'unknown activation "wobble"')
    made = zoo(*TRAIN, "--plugin", "my_wobble.py", "--json")
    assert (made.code, made.err) == (0, "")
    assert "wobble" in names(zoo("list", "activation", "--json", "--plugin", file))
    assert "wobble" in names(zoo("--plugin", file, "list", "activation", "--json"))
    assert "wobble" not in names(zoo("list", "activation", "--json"))
    assert sorted(path.name for path in Path().iterdir()) == ["my_wobble.py", "run"]  # and no __pycache__


def test_run_with_a_missing_plugin_file_names_it(zoo, file):
    assert zoo(*TRAIN, "--plugin", file).code == 0
    for call in (("predict", "run", "good"), ("evaluate", "run"), ("explain", "run", "good")):
        missing = zoo(*call)
        assert (missing.code, missing.out, len(missing.lines)) == (5, "", 1)
        assert 'plugin "my-wobble" of file:my_wobble.py' in missing.err
        assert "(hint: give the file with --plugin my_wobble.py)" in missing.err
        answer = zoo(*call, "--plugin", file)
        assert (answer.code, "zoo: " in answer.err) == (0, False)
    file.write_text(SOURCE + "# changed\n", "utf-8")
    changed = zoo("predict", "run", "good", "--plugin", file)
    assert changed.code == 0 and "made with plugin" in changed.err and len(changed.lines) == 1


def test_run_of_a_plugin_file_is_trained_again_with_its_lock(zoo, file, reviews):
    assert zoo(*TRAIN, "--data", reviews, "--plugin", file).code == 0
    missing = zoo("train", "--locked", "run", "--run", "again")
    assert (missing.code, missing.out) == (5, "") and "give the file with --plugin my_wobble.py" in missing.err
    assert zoo("train", "--locked", "run", "--run", "again", "--plugin", file).code == 0


def test_plugin_files_in_project_and_user_settings(zoo, file, tmp_path, monkeypatch):
    Path("zoo.toml").write_text('[plugins]\nfiles = ["my_wobble.py"]\n', encoding="utf-8")
    assert zoo("plugins", "trust").code == 0
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert "wobble" in names(zoo("list", "activation", "--json"))
    assert zoo("--no-plugins", "list").err == zoo("--no-plugin", "my-wobble", "list").err == ""
    assert "wobble" not in names(zoo("--no-plugins", "list", "activation", "--json"))
    Path("zoo.toml").write_text("[plugins]\nfiles = []\n", encoding="utf-8")
    assert "wobble" not in names(zoo("list", "activation", "--json"))
    user = tmp_path / "user" / "zoo.toml"
    user.parent.mkdir()
    user.write_text(f'[plugins]\nfiles = ["{file}"]\n')
    monkeypatch.setenv("ZOO_CONFIG", str(user))
    assert "wobble" in names(zoo("list", "activation", "--json"))


def test_plugin_option_replaces_a_file_in_settings(zoo, file):
    Path("zoo.toml").write_text('[plugins]\nfiles = ["my_wobble.py"]\n', encoding="utf-8")
    assert zoo("plugins", "trust").code == 0
    other = Path("other/my_wobble.py")
    other.parent.mkdir()
    other.write_text(SOURCE.replace('name = "wobble"', 'name = "other-wobble"'), "utf-8")
    result = names(zoo("list", "activation", "--json", "--plugin", other))
    assert "other-wobble" in result and "wobble" not in result


@pytest.mark.parametrize(
    ("given", "expected"),
    [("nowhere.py", "cannot read the plugin file nowhere.py: No such file"), ("my_wobble.txt", "is not a .py file")],
)
def test_missing_plugin_file_is_rejected(zoo, refused, file, given, expected):
    refused(zoo("list", "--plugin", given), 2, expected)
    refused(zoo("list", "--plugin", file, "--plugin", f"../here/{file.name}"), 2, "two plugin files have the name")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def (", "SyntaxError"),
        ("import nothing_there", "ModuleNotFoundError"),
        ("exit(3)", "SystemExit: 3"),
        (SOURCE.replace("@hookimpl\n", ""), "is not marked with"),
        (SOURCE.replace("[Wobble]", "Wobble"), "not a list of classes"),
    ],
)
def test_broken_plugin_file_is_rejected(zoo, refused, file, text, expected):
    file.write_text(text, "utf-8")
    refused(
        zoo("list", "--plugin", file), 5, 'plugin "my-wobble" (file:my_wobble.py ', expected, "(hint: fix my_wobble.py"
    )


def test_broken_plugin_files_in_settings_are_one_warning(zoo, file):
    file.write_text("1 / 0", "utf-8")
    Path("zoo.toml").write_text('[plugins]\nfiles = ["my_wobble.py", "gone.py"]\n', encoding="utf-8")
    assert zoo("plugins", "trust").code == 0
    answer = zoo("list")
    assert (answer.code, len(answer.lines)) == (0, 1)
    assert "2 plugins were disabled: my-wobble (file:my_wobble.py" in answer.err
    strict = zoo("--strict-plugins", "list").err
    assert "loading it raised ZeroDivisionError" in strict and "cannot read the plugin file" in strict
    assert {row["plugin"]: row["state"] for row in zoo("plugins", "list", "--json").json}["gone"] == "broken"


def test_invalid_plugin_files_in_settings(zoo, refused):
    Path("zoo.toml").write_text("[plugins]\nfiles = 3\n", encoding="utf-8")
    refused(zoo("list"), 2, "zoo.toml:2: plugins.files: must be a list of files")


def test_plugin_file_stays_with_no_plugins(zoo, file):
    assert zoo("--no-plugins", "show", "activation", "wobble", "--plugin", file).code == 0
    assert zoo("--no-plugins", "--no-plugin", "my-wobble", "show", "activation", "wobble", "--plugin", file).code == 5


@pytest.mark.slow
def test_swap_workers_load_the_plugin_file(process, file):
    asked = ("--plugin", str(file), "--set", "training.epochs=1", "--seeds", "2", "--jobs", "2", "--json")
    answer = process("swap", "yelp-mlp", "model.activation=relu,wobble", *asked)
    assert (answer.code, "failed" in answer.err) == (0, False), answer.err
