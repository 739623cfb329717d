"""`zoo plugins disable` and `enable`: the user's settings, with comments and order, written atomically."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoo_core.config.toml import read_toml
from zoo_core.config.user_settings import set_plugin_enabled

SETTINGS = """# what I like
[owners]
"activation.relu" = "textbook"   # the old one

[plugins]
# slow ones
disabled = [
    "sluggish", # since May
]
files = []

[recipes.mine]
extends = "yelp-mlp"
"""


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Path:
    file = tmp_path / "config" / "zoo.toml"
    monkeypatch.setenv("ZOO_CONFIG", str(file))
    return file


def state(zoo, plugin):
    return next(row["state"] for row in zoo("plugins", "list", "--json").json if row["plugin"] == plugin)


def test_disable_and_enable(zoo, refused, settings):
    answer = zoo("plugins", "disable", "yelp")
    assert (answer.code, answer.out, answer.err) == (0, "", f'plugin "yelp" is disabled in {settings}\n')
    assert state(zoo, "yelp") == "disabled"
    refused(zoo("show", "task", "yelp"), 5, 'unknown task "yelp"', "is disabled", lines=2)
    assert "already" in zoo("plugins", "disable", "yelp").err
    assert zoo("plugins", "enable", "yelp").code == 0
    assert state(zoo, "yelp") == "ok"
    assert "already" in zoo("plugins", "enable", "yelp").err


def test_comments_and_order_are_unchanged(zoo, settings):
    settings.parent.mkdir()
    settings.write_text(SETTINGS, "utf-8")
    assert zoo("plugins", "disable", "textzoo/yelp").code == 0
    text = settings.read_text("utf-8")
    assert read_toml(settings).values["plugins"]["disabled"] == ["sluggish", "textzoo/yelp"]
    assert [line for line in SETTINGS.splitlines() if line not in text.splitlines()] == []
    assert zoo("plugins", "enable", "textzoo/yelp").code == 0
    assert read_toml(settings).values == read_toml_text(SETTINGS)
    for comment in ("# what I like", "# the old one", "# slow ones", "# since May"):
        assert comment in settings.read_text("utf-8")
    assert zoo("plugins", "enable", "sluggish").code == 0  # not installed, but in the list


def read_toml_text(text):
    import tomllib

    return tomllib.loads(text)


def test_unknown_plugin_is_rejected(zoo, refused, settings):
    refused(zoo("plugins", "disable", "yepl"), 2, 'unknown plugin "yepl"', 'did you mean "yelp"?')
    refused(zoo("plugins", "enable", "yepl"), 2, 'unknown plugin "yepl"')
    assert not settings.parent.exists()


def test_other_places_that_disable_it_are_reported(zoo, settings, monkeypatch, trust_project):
    zoo("plugins", "disable", "yelp")
    Path("zoo.toml").write_text('[plugins]\ndisabled = ["yelp"]\n', encoding="utf-8")
    trust_project()
    monkeypatch.setenv("ZOO_DISABLE_PLUGINS", "yelp")
    answer = zoo("plugins", "enable", "yelp")
    assert [line.rpartition(" by ")[2].rpartition("/")[2] for line in answer.lines[1:]] == [
        "ZOO_DISABLE_PLUGINS",
        "zoo.toml:2",
    ]


@pytest.mark.parametrize("text", ["[plugins", "plugins = 3\n", "[plugins]\ndisabled = 'yelp'\n", "[odd]\n"])
def test_invalid_settings_are_unchanged(zoo, refused, settings, text):
    settings.parent.mkdir()
    settings.write_text(text)
    refused(zoo("plugins", "disable", "yelp"), 2, "zoo.toml:")
    assert settings.read_text() == text


@pytest.mark.skipif(os.name == "nt", reason="a full disk is played by an open file here")
def test_settings_are_written_atomically(zoo, refused, settings, monkeypatch):
    settings.parent.mkdir()
    settings.write_text(SETTINGS)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    refused(zoo("plugins", "disable", "yelp"), 7, "cannot write", "No space left")
    assert settings.read_text() == SETTINGS
    assert [path.name for path in settings.parent.iterdir()] == ["zoo.toml"]


def test_broken_plugin_can_be_disabled(zoo, settings, tmp_path, monkeypatch, distribution):
    source = "raise SystemExit(open('imported', 'w').close())"
    monkeypatch.syspath_prepend(distribution(tmp_path / "site", "textzoo-bad", source, module="bad", plugin="bad"))
    assert zoo("plugins", "disable", "bad").code == 0
    assert not Path("imported").exists()
    assert zoo("list").err == ""


def test_inline_table():
    assert (
        set_plugin_enabled('plugins = { disabled = ["a"] }\n', "b", enabled=False)
        == 'plugins = { disabled = ["a", "b"] }\n'
    )
    assert set_plugin_enabled("", "a", enabled=True) == ""


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_the_byte_order_mark_and_line_ends_are_kept(zoo, settings, bom, end):
    settings.parent.mkdir()
    before = bom + b"# mine" + end + b"[recipes.mine]" + end + b'extends = "text-mlp" # keep' + end
    settings.write_bytes(before)
    assert zoo("plugins", "disable", "yelp").code == 0
    disabled = settings.read_bytes()
    assert disabled.startswith(before)
    assert disabled.removeprefix(before).replace(end, b"") == b'[plugins]disabled = ["yelp"]'
    assert zoo("plugins", "enable", "yelp").code == 0
    assert settings.read_bytes() == disabled.replace(b'"yelp"', b"")


def test_settings_with_mixed_line_ends_keep_each(settings):
    mixed = SETTINGS.replace("\n", "\r\n", 4)
    assert set_plugin_enabled(mixed, "yelp", enabled=False).replace(', "yelp"', "").count("\r\n") == 4
    assert set_plugin_enabled(mixed, "sluggish", enabled=False) == mixed
