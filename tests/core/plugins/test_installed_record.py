"""A warning names once what an upgrade lost; the record never disturbs a command."""

from __future__ import annotations

import json
import sys

import pytest

from zoo_core.plugins.installed_record import forget, note_installed
from zoo_core.plugins.plugin_source import PluginSource


def sources(*names: str, version: str = "1.2") -> list[PluginSource]:
    return [PluginSource(name, name, version, object) for name in ("textzoo", "file:mine.py", *names)]


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "plugins.json"


def test_lost_plugins_are_told_once_with_the_line_that_restores_them(record):
    assert note_installed(sources("textzoo-anna", "textzoo-berta", "textzoo-carla")) == ""
    assert note_installed(sources("textzoo-anna")) == (
        "2 plugin distributions are not installed any more: textzoo-berta 1.2, textzoo-carla 1.2 "
        "(hint: pip install textzoo-berta==1.2 textzoo-carla==1.2; shown once)"
    )
    assert note_installed(sources("textzoo-anna")) == ""
    assert json.loads(record.read_text("utf-8")) == {sys.prefix: {"textzoo-anna": "1.2"}}


def test_upgrade_and_deliberate_uninstall_are_not_told(record):
    note_installed(sources("textzoo-anna"))
    assert note_installed(sources("textzoo-anna", version="2.0")) == ""
    forget("textzoo-anna")
    forget("textzoo-other")
    assert note_installed(sources()) == ""


def test_record_is_written_only_if_something_changed(record):
    note_installed(sources("textzoo-anna"))
    before = record.stat().st_mtime_ns, record.stat().st_ino
    note_installed(sources("textzoo-anna"))
    assert (record.stat().st_mtime_ns, record.stat().st_ino) == before
    note_installed([])
    record.unlink()
    note_installed(sources())
    assert not record.exists()


def test_environments_have_records_of_their_own(record, monkeypatch):
    note_installed(sources("textzoo-anna"))
    monkeypatch.setattr(sys, "prefix", "/elsewhere")
    assert note_installed(sources()) == ""
    note_installed(sources("textzoo-berta"))
    assert len(json.loads(record.read_text("utf-8"))) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"x": 3}', '{"x": {"a": 1}}', "\x00", "[" * 100_000])
def test_damaged_record_is_replaced(record, content):
    record.parent.mkdir()
    record.write_text(content, "utf-8")
    assert note_installed(sources("textzoo-anna")) == ""
    assert sys.prefix in json.loads(record.read_text("utf-8"))


def test_names_of_a_manipulated_record_are_not_suggested(record):
    record.parent.mkdir()
    record.write_text(json.dumps({sys.prefix: {"--pre; reboot": "1", "a\x1b[0m": "1", "textzoo-x": "1 --pre"}}))
    assert note_installed(sources()) == ""


def test_nothing_is_kept_if_it_is_switched_off_or_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_STATE", "")
    assert note_installed(sources("textzoo-anna")) == note_installed(sources()) == ""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_STATE", "state")
    assert note_installed(sources("textzoo-anna")) == note_installed(sources()) == ""
    assert not (tmp_path / "state").exists()
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_STATE", str(tmp_path / "file"))
    assert note_installed(sources("textzoo-anna")) == note_installed(sources()) == ""
