"""The installed plugins as a file of requirements; what pip would obey in a stranger's file is refused."""

from __future__ import annotations

import pytest

from zoo_core.errors import RecipeError
from zoo_core.plugins.plugin_source import PluginSource
from zoo_core.plugins.requirements import freeze_plugins, parse_frozen

SOURCES = [
    PluginSource("b", "textzoo-berta", "2.0", object),
    PluginSource("a", "textzoo-anna", "1.2", object),
    PluginSource("another", "textzoo-anna", "1.2", object),
    PluginSource("textbook", "textzoo", "0.1.0", object),
    PluginSource("mine", "file:mine.py", "0a1b2c", object),
    PluginSource("odd", "odd\nname", "not a version", object),
]


def test_file_lists_distributions_once_and_the_rest_as_comments():
    version, *lines = freeze_plugins(SOURCES).splitlines()
    assert version.startswith("# textzoo 0.")
    assert lines == [
        "# plugin file: mine.py (sha256 0a1b2c…)",
        "# not the name or the version of a distribution: odd\\nname not a version",
        "textzoo-anna==1.2",
        "textzoo-berta==2.0",
    ]


def test_file_is_read_back():
    frozen = parse_frozen(freeze_plugins(SOURCES), "plugins.txt")
    assert frozen.requirements == ("textzoo-anna==1.2", "textzoo-berta==2.0")
    assert (frozen.version[:2], frozen.files) == ("0.", ("mine.py",))


def test_other_requirements_are_read():
    text = "\ntextzoo-a[x,b] >= 1, <2  # why\ntextzoo-b ; python_version < '3'\n  textzoo_c\r\n"
    assert parse_frozen(text, "f").requirements == ("textzoo-a[b,x]<2,>=1", "textzoo_c")


REFUSED = (
    *("--index-url http://elsewhere", "-e .", "-r other.txt", "--pre", "./mine", "/tmp/x", "mine/", ".", "mine.whl"),
    *("textzoo-a @ https://elsewhere/a.whl", "https://elsewhere/a.whl", "git+https://elsewhere/a", "a==1 --hash=x"),
    *("a==1 \\", "a b", "textzoo-a; reboot", "$(reboot)", "file:a", "C:\\mine", "a.zip", "${HOME}"),
)


@pytest.mark.parametrize("line", REFUSED)
def test_what_pip_would_obey_is_refused_with_its_line(line):
    with pytest.raises(RecipeError) as caught:
        parse_frozen(f"textzoo-a==1\n{line}\n", "plugins.txt")
    first, last = caught.value.problems
    assert first.where == "plugins.txt:2" and line in first.message
    assert "nothing was installed" in last.message and "pip install -r" in last.hint


def test_no_line_is_left_out():
    with pytest.raises(RecipeError, match="got 10,001 lines, expected at most 10,000"):
        parse_frozen("\n" * 10_000 + "--index-url http://elsewhere", "plugins.txt")


def test_a_byte_order_mark_is_read():
    assert parse_frozen("\ufefftextzoo-a==1", "plugins.txt").requirements == ("textzoo-a==1",)
