"""Commands of other distributions: loaded when called; a broken one affects only itself."""

from __future__ import annotations

from pathlib import Path

import pytest

COMMAND = """
import click
open('imported', 'w').close()

@click.command()
@click.argument("word")
def command(word):
    click.echo(f"said {word}")
"""


@pytest.fixture
def adds(tmp_path, monkeypatch):
    """`adds(source)`: install a distribution with the command `extra`, and a plugin if it is named."""

    def added(source, requires="textzoo", value="command", name="textzoo-extra", plugin=""):
        module = f"{name}_{tmp_path.name}".replace("-", "_")
        info = tmp_path / "site" / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (tmp_path / "site" / f"{module}.py").write_text(source)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: {requires}\n"
        )
        points = f"[textzoo.commands]\nextra = {module}:{value}\n"
        points += f"[textzoo.plugins]\n{plugin} = attrs\n" if plugin else ""
        (info / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(tmp_path / "site")

    return added


def test_plugin_command_runs(zoo, adds):
    adds(COMMAND)
    shown = zoo("--help")
    assert "extra     (from textzoo-extra)" in shown.out
    assert zoo("list").err == "" and not Path("imported").exists()
    answer = zoo("extra", "hello")
    assert (answer.code, answer.out, answer.err) == (0, "said hello\n", "")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ("exit(3)", "cannot be loaded: SystemExit: 3"),
        ("def :", "cannot be loaded: SyntaxError"),
        ("import nothing_there", "cannot be loaded: ModuleNotFoundError"),
        ("", "cannot be loaded: AttributeError"),
        ("command = print", "is not a click command"),
    ],
)
def test_broken_plugin_command_affects_only_itself(zoo, refused, adds, source, expected):
    adds(source)
    assert zoo("--help").code == 0
    assert (zoo("list").code, zoo("list").err) == (0, "")
    refused(zoo("extra"), 5, 'command "extra" of textzoo-extra 1.0', expected, "uninstall textzoo-extra")


def test_incompatible_plugin_command_is_not_imported(zoo, refused, adds):
    adds(COMMAND, requires="textzoo>=99")
    refused(zoo("extra", "hello"), 5, "cannot be used: it requires textzoo>=99")
    assert not Path("imported").exists()


@pytest.mark.parametrize("way", [("--no-plugins",), ("--no-plugin", "extra"), ("--no-plugin", "textzoo-extra/extra")])
def test_plugin_command_can_be_disabled(zoo, refused, adds, way):
    adds(COMMAND)
    refused(zoo(*way, "extra", "hello"), 5, 'command "extra" of textzoo-extra 1.0 is disabled')
    assert not Path("imported").exists()


def test_plugin_command_cannot_replace_a_built_in(zoo, tmp_path, adds):
    adds(COMMAND)
    points = tmp_path / "site" / "textzoo_extra-1.0.dist-info" / "entry_points.txt"
    points.write_text(points.read_text().replace("extra =", "list ="))
    assert "relu" in zoo("list").out and not Path("imported").exists()
    assert "textzoo-extra:list  (from textzoo-extra)" in zoo("--help").out
    assert zoo("textzoo-extra:list", "you").out == "said you\n"


def test_output_during_the_import_is_not_data(zoo, adds):
    adds("print('hello')\n" + COMMAND)
    assert zoo("extra", "you").out == "said you\n"


@pytest.fixture
def adds_both(adds):
    """Two distributions with the command `extra`; one also has a plugin `berta`."""
    adds(COMMAND.replace("said", "anna said"), name="textzoo-anna")
    adds(COMMAND.replace("said", "berta said"), name="textzoo-berta", plugin="berta")


def test_command_of_two_plugins_is_an_error_at_use(zoo, refused, adds_both):
    assert zoo("list").err == ""
    shown = zoo("--help").out
    assert "textzoo-anna:extra " in shown and "textzoo-berta:extra " in shown and "\n  extra" not in shown
    expected = ('run "textzoo-anna:extra" or "textzoo-berta:extra"', "provided by textzoo-anna 1.0 and textzoo-berta")
    refused(zoo("extra", "hello"), 5, 'command "extra" is ambiguous', *expected)
    assert not Path("imported").exists()
    assert zoo("textzoo-anna:extra", "hello").out == "anna said hello\n"
    assert zoo("berta:extra", "hello").out == zoo("textzoo-berta:extra", "hello").out == "berta said hello\n"
    refused(zoo("carla:extra", "hello"), 2, 'unknown command "carla:extra"')


def test_owner_of_a_command_can_be_preferred_or_the_other_disabled(zoo, tmp_path, adds_both):
    assert zoo("--no-plugin", "textzoo-anna/extra", "extra", "you").out == "berta said you\n"
    Path(tmp_path / "none.toml").write_text('[owners]\n"command.extra" = "berta"\n', "utf-8")
    shown = zoo("--help").out
    assert "\n  extra               (from textzoo-berta)" in shown and "textzoo-anna:extra " in shown
    assert zoo("extra", "you").out == "berta said you\n"


def test_names_of_plugin_commands_are_completed(adds_both):
    from click.shell_completion import ShellComplete

    from zoo_cli.main import zoo

    completions = ShellComplete(zoo, {}, "zoo", "_ZOO_COMPLETE").get_completions([], "textzoo-")
    assert [(item.value, item.help) for item in completions] == [
        ("textzoo-anna:extra", "from textzoo-anna"),
        ("textzoo-berta:extra", "from textzoo-berta"),
    ]
    assert not Path("imported").exists()


def test_command_of_a_published_plugin_is_told_with_its_plugin(zoo, refused, monkeypatch):
    from zoo_core.plugins import known_plugins
    from zoo_core.plugins.known_plugins import KnownName

    known = (KnownName("command", "summary", "textzoo-report", "1.0"),)
    monkeypatch.setattr(known_plugins, "_known_names", lambda _file: known)
    refused(zoo("summary"), 2, 'unknown command "summary" (hint: pip install textzoo-report)')
