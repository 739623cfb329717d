"""`zoo plugins trust`: the plugins, owners and disabled plugins of a project, used only after the user said so."""

from __future__ import annotations

import importlib.util
import json
import os
import py_compile
from pathlib import Path

import pytest

from zoo_core.config.trust import record_file

SOURCE = """
from pathlib import Path
from zoo_core import hookimpl
open({ran!r}, "a").write("x")

@hookimpl
def zoo_recipes():
    return "[recipes.of-plugin]\\nmodel = 'mlp'\\n"
"""
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
NAMES = "[plugins]\nfiles = ['mine.py']\n"
DATA = "[recipes.of-project]\nmodel = 'mlp'\n[defaults]\noptimizer = 'sgd'\n"


@pytest.fixture
def ran(tmp_path) -> Path:
    """The file that exists as soon as code of the project has run."""
    return tmp_path / "ran"


@pytest.fixture
def project(empty_folder, ran) -> Path:
    """A project whose settings name a plugin file; the working folder."""
    (empty_folder / "zoo.toml").write_text(NAMES + DATA)
    (empty_folder / "mine.py").write_text(SOURCE.format(ran=str(ran)))
    return empty_folder


def recipes(zoo, *options: str) -> set[str]:
    answer = zoo(*options, "recipe", "list", "--json")
    assert answer.code == 0, answer.err
    return {row["recipe"] for row in answer.json} & {"of-plugin", "of-project"}


def is_untrusted(zoo, ran: Path, *expected: str) -> bool:
    """Whether a command runs nothing of the project and says so on one line."""
    ran.unlink(missing_ok=True)
    answer = zoo("recipe", "list")
    assert (answer.code, len(answer.lines)) == (0, 1), answer.err
    assert answer.err.startswith("zoo: warning: ")
    assert all(text in answer.err for text in (str(Path("zoo.toml").absolute()), *expected)), answer.err
    return not ran.exists()


@pytest.mark.parametrize(
    "call",
    [
        ("list", "model"),
        ("recipe", "show", "of-project"),
        ("data", "check", "x.csv"),
        ("predict", "run", "text"),
        ("plugins", "list"),
        ("plugins", "check", "mine"),
        ("plugins", "disable", "mine"),
        ("doctor",),
        ("train", "of-project", "--data", "x.csv"),
    ],
    ids=" ".join,
)
def test_no_command_runs_code_of_an_untrusted_project(zoo, project, ran, monkeypatch, call):
    (project / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(project / "a" / "b")
    if call == ("doctor",):
        monkeypatch.setattr("zoo_cli.commands.doctor._check_plugins", lambda _disabled: [])
    answer = zoo(*call)
    warnings = [line for line in answer.lines if line.startswith("zoo: warning: ")]
    if call == ("doctor",):  # a row of its table
        warnings = [f"zoo: warning: {line.split(chr(9))[2]}" for line in answer.out.splitlines() if "project" in line]
    assert warnings == [
        f"zoo: warning: {project}/zoo.toml: its [plugins], [plugin] and [owners] are ignored until you trust it "
        f"(hint: look at it, then run zoo plugins trust {project})"
    ]
    assert not ran.exists()


def test_command_that_opens_two_runs_warns_once(zoo, project, trained):
    assert zoo("compare", trained, trained).err.count("until you trust it") == 1


def test_help_and_completion_run_no_code_even_of_a_trusted_project(zoo, project, ran, monkeypatch):
    assert zoo("plugins", "trust").code == 0
    for call in (("--help",), ("list", "--help"), ("recipe", "show", "of-plugin", "--help")):
        assert zoo(*call).err == ""
    for shell, words in (
        ("bash", "zoo recipe show of-"),
        ("zsh", "zoo recipe show of-"),
        ("bash", "zoo show activation "),
    ):
        monkeypatch.setenv("_ZOO_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", words.replace(" ", "\n") if shell == "bash" else words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        with pytest.raises(SystemExit):
            zoo()
    assert not ran.exists()
    monkeypatch.delenv("_ZOO_COMPLETE")
    assert recipes(zoo) == {"of-plugin", "of-project"} and ran.exists()


def test_recipes_and_defaults_need_no_trust(zoo, project):
    assert recipes(zoo) == {"of-project"}
    (project / "zoo.toml").write_text(DATA + "[plugins]\nfiles = []\n[owners]\n")
    answer = zoo("recipe", "show", "of-project")
    assert (answer.code, answer.err) == (0, "")
    assert "sgd" in answer.out
    nothing = zoo("plugins", "trust")
    assert (nothing.code, nothing.out) == (0, "") and "nothing to trust" in nothing.err
    assert not record_file().exists()


def test_trust_shows_what_will_run_and_is_kept_for_the_user_alone(zoo, project, ran):
    answer = zoo("plugins", "trust", "--json")
    assert answer.code == 0
    assert [row["file"] for row in answer.json] == [str(project / "zoo.toml"), str(project / "mine.py")]
    assert all(len(row["sha256"]) == 64 for row in answer.json)
    assert not ran.exists()
    assert record_file().stat().st_mode & 0o777 == 0o600 or os.name == "nt"
    assert recipes(zoo) == {"of-plugin", "of-project"} and ran.exists()
    assert "already trusted" in zoo("plugins", "trust").err


CHANGES = {
    "settings": lambda here: (here / "zoo.toml").write_text(NAMES + DATA + "# changed\n"),
    "plugin file": lambda here: (here / "mine.py").write_text((here / "mine.py").read_text() + "# changed\n"),
    "missing file": lambda here: (here / "mine.py").unlink(),
    "link to the same content": lambda here: (
        (here / "mine.py").rename(here / "other.py") and (here / "mine.py").symlink_to("other.py")
    ),
    "settings that are a link": lambda here: (
        (here / "zoo.toml").rename(here / "other.toml") and (here / "zoo.toml").symlink_to("other.toml")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_asks_again(zoo, project, ran, change):
    zoo("plugins", "trust")
    assert recipes(zoo) == {"of-plugin", "of-project"}
    CHANGES[change](project)
    assert is_untrusted(zoo, ran, "changed since you trusted it", "zoo plugins trust")
    assert [row["state"] for row in zoo("plugins", "trust", "--list", "--json").json] == ["changed"]
    zoo("plugins", "trust")
    assert [row["state"] for row in zoo("plugins", "trust", "--list", "--json").json] == ["trusted"]


def test_file_that_was_missing_is_not_trusted_when_it_appears(zoo, project, ran):
    source = (project / "mine.py").read_text()
    (project / "mine.py").unlink()
    assert "missing" in zoo("plugins", "trust").out
    assert "cannot read the plugin file" in zoo("list", "model").err
    (project / "mine.py").write_text(source)
    assert is_untrusted(zoo, ran, "changed since you trusted it")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", ["zoo.toml", "mine.py", "."])
def test_files_of_other_owners_are_not_obeyed(zoo, project, ran, name):
    zoo("plugins", "trust")
    os.chown(project / name, 12345, 12345)
    assert is_untrusted(zoo, ran, "belongs to another user (12345)")
    refused = zoo("plugins", "trust")
    assert (refused.code, len(refused.lines)) == (2, 1) and "belongs to another user" in refused.err
    assert recipes(zoo) == ({"of-project"} if name == "mine.py" else set())  # nothing of it, if the settings are theirs


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists")
@pytest.mark.parametrize(("name", "mode"), [("zoo.toml", 0o666), ("mine.py", 0o646), (".", 0o777), (".", 0o1777)])
def test_files_that_others_may_write_are_not_obeyed(zoo, project, ran, name, mode):
    zoo("plugins", "trust")
    (project / name).chmod(mode)
    assert is_untrusted(zoo, ran, "other users can write to")
    assert "other users can write to" in zoo("plugins", "trust").err


def test_copy_of_a_trusted_project_is_not_trusted(zoo, project, ran, monkeypatch):
    zoo("plugins", "trust")
    other = project / "other"
    other.mkdir()
    for name in ("zoo.toml", "mine.py"):
        (other / name).write_bytes((project / name).read_bytes())
    monkeypatch.chdir(other)
    assert is_untrusted(zoo, ran, "until you trust it")


def test_what_was_hashed_is_what_runs(zoo, project, ran, monkeypatch):
    """A file that is replaced after it was checked is not run; nor is bytecode beside it."""
    zoo("plugins", "trust")
    bad = project / "bad.py"
    bad.write_text(f"open({str(ran) + '-bad'!r}, 'a').write('x')")
    source = project / "mine.py"
    py_compile.compile(str(bad), cfile=importlib.util.cache_from_source(str(source)), invalidation_mode=UNCHECKED)
    from zoo_core.config import settings_layers

    read_project = settings_layers.read_project

    def read_then_replace(*arguments):
        project_read = read_project(*arguments)
        Path(bad).replace(source)
        return project_read

    monkeypatch.setattr(settings_layers, "read_project", read_then_replace)
    assert recipes(zoo) == {"of-plugin", "of-project"}
    assert ran.exists() and not Path(f"{ran}-bad").exists()


def test_modules_beside_a_plugin_file_are_not_imported(zoo, project, ran):
    (project / "mine.py").write_text("import beside\n")
    (project / "beside.py").write_text(f"open({str(ran)!r}, 'a').write('x')")
    zoo("plugins", "trust")
    assert "ModuleNotFoundError" in zoo("list", "model").err
    assert not ran.exists()


def test_untrust(zoo, refused, project, ran):
    zoo("plugins", "trust", ".")
    assert zoo("plugins", "untrust").code == 0
    assert is_untrusted(zoo, ran, "until you trust it")
    assert zoo("plugins", "trust", "--list", "--json").json == []
    refused(zoo("plugins", "untrust", "."), 2, "is not trusted")


def test_wrong_calls(zoo, refused, empty_folder):
    refused(zoo("plugins", "trust"), 2, "no zoo.toml in the working folder")
    refused(zoo("plugins", "trust", "nowhere"), 2, "nowhere/zoo.toml: No such file")
    refused(zoo("plugins", "trust", "--list", "x"), 2, "--list takes no FOLDER")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2, "projects": {}}', '{"version": 1, "projects": []}'])
def test_damaged_record_trusts_nothing(zoo, refused, project, ran, text):
    zoo("plugins", "trust")
    record_file().write_text(text)
    assert is_untrusted(zoo, ran, "damaged record of trusted projects", "delete the file")
    refused(zoo("plugins", "trust"), 2, "damaged record")


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists")
def test_record_that_others_may_write_trusts_nothing(zoo, refused, project, ran):
    zoo("plugins", "trust")
    record_file().chmod(0o666)
    assert is_untrusted(zoo, ran, "other users can write to")
    refused(zoo("plugins", "trust"), 2, "other users can write to")


def test_record_holds_no_content(zoo, project):
    zoo("plugins", "trust")
    record = json.loads(record_file().read_text())
    assert set(record) == {"version", "projects"}
    assert set(record["projects"][str(project / "zoo.toml")]) == {"settings", "files"}


@pytest.mark.parametrize("table", ["[plugins]\ndisabled = ['ngrams']\n", "[owners]\n'activation.relu' = 'x'\n"])
def test_owners_and_disabled_plugins_need_trust(zoo, empty_folder, ran, table):
    Path("zoo.toml").write_text(table, encoding="utf-8")
    assert is_untrusted(zoo, ran, "until you trust it")
    assert zoo("plugins", "trust").code == 0
    assert zoo("list", "model").err == ""


def test_strict_plugins_makes_it_an_error(zoo, refused, project):
    refused(zoo("--strict-plugins", "list"), 5, "until you trust it")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_settings_and_plugin_files_of_the_user_must_be_his(zoo, project, ran, monkeypatch):
    user = project / "user.toml"
    user.write_text("[plugins]\nfiles = ['mine.py']\n[recipes.of-user]\nmodel = 'mlp'\n")
    Path("zoo.toml").unlink()
    monkeypatch.setenv("ZOO_CONFIG", str(user))
    os.chown(project / "mine.py", 12345, 12345)
    assert "mine.py belongs to another user" in zoo("list", "model").err
    os.chown(user, 12345, 12345)
    answer = zoo("recipe", "list")
    assert "user.toml is ignored" in answer.err and "of-user" not in answer.out and not ran.exists()


def test_relative_path_of_the_users_settings_runs_nothing(zoo, project, ran, monkeypatch):
    monkeypatch.setenv("ZOO_CONFIG", "user.toml")
    Path("user.toml").write_text(NAMES + "[recipes.of-user]\nmodel = 'mlp'\n", encoding="utf-8")
    answer = zoo("recipe", "list")
    assert [line for line in answer.lines if "ZOO_CONFIG is not an absolute path" in line]
    assert "of-user" in answer.out and not ran.exists()
    trusted = zoo("plugins", "trust")
    assert (trusted.code, "ZOO_CONFIG: expected an absolute path, got user.toml" in trusted.err) == (2, True)
    assert not list(project.rglob("*.trust.json"))


HOSTILE = ["\\u0000.py", "~nobody-here/x.py", "/dev/zero", "pipe.py", "n" * 300 + ".py", "..", "", "folder.py"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_plugin_files(zoo, empty_folder, name):
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.py")
    Path("folder.py").mkdir()
    Path("zoo.toml").write_text(f'[plugins]\nfiles = ["{name}"]\n', encoding="utf-8")
    trusted = zoo("plugins", "trust")
    assert trusted.code in (0, 2) and "unexpected" not in trusted.err, trusted.err
    assert (zoo("list", "model").code, len(zoo("list", "model").lines)) == (0, 1)


def test_number_of_plugin_files_is_limited(zoo, refused, empty_folder):
    Path("zoo.toml").write_text(f"[plugins]\nfiles = {[f'p{number}.py' for number in range(101)]}\n", encoding="utf-8")
    refused(zoo("list", "model"), 2, "plugins.files: more than 100 files")
