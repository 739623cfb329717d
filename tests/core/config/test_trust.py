"""Trust under random changes: whatever changes, only the bytes that the user trusted can be loaded."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo_core.config.settings_layers import read_settings
from zoo_core.config.trust import record_file
from zoo_core.errors import RecipeError

FILES = {"zoo.toml": b"[plugins]\nfiles = ['mine.py', 'gone.py']\n", "mine.py": b"x = 1\n", "other.py": b"x = 2\n"}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    """The folder of a trusted project, and its record of trust."""
    folder = tmp_path_factory.mktemp("project")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def versions() -> set[str]:
    """The start of the hash of each plugin file that would be loaded; none if settings are invalid."""
    try:
        return {source.version for source in read_settings().plugin_files} - {""}
    except RecipeError:
        return set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    name=st.sampled_from(["zoo.toml", "mine.py", "record"]),
    at=st.integers(0, 10_000),
    change=st.sampled_from(["flip", "insert", "delete", "cut"]),
    byte=st.integers(1, 255),
)
def test_only_trusted_bytes_are_loaded(trusted, trust_project, monkeypatch, tmp_path, name, at, change, byte):
    monkeypatch.chdir(trusted)
    (tmp_path / "zoo.toml").touch()
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "zoo.toml"))
    trust_project()
    allowed = {sha256(FILES["mine.py"]).hexdigest()[:12]}
    assert versions() == allowed
    path = record_file() if name == "record" else Path(name)
    content = path.read_bytes()
    at %= len(content)
    tail = {"flip": bytes([content[at] ^ byte]) + content[at + 1 :], "insert": bytes([byte]) + content[at:]}
    tail |= {"delete": content[at + 1 :], "cut": b""}
    changed = content[:at] + tail[change]
    path.write_bytes(changed)
    try:
        assert versions() <= allowed
        if name != "record" or not same_json(changed, content):
            assert not versions()
    finally:
        path.write_bytes(content)


def same_json(first: bytes, second: bytes) -> bool:
    """Whether two texts are the same JSON, as they are if only a space differs."""
    try:
        return bool(json.loads(first) == json.loads(second))
    except ValueError:
        return False


def test_the_file_that_zoo_config_names_is_no_project(tmp_path, monkeypatch):
    file = tmp_path / "zoo.toml"
    file.write_text("[plugin.board]\nfolder = 'events'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_CONFIG", str(file))
    settings = read_settings()
    assert settings.warnings == ()
    assert [name for name, _ in settings.layers] == ["shipped", "user"]
