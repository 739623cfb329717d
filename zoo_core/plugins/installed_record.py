"""The distributions of plugins at the last command, in the user's state folder: a warning names once what is gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import pluralize, suggest_command, suggest_install
from zoo_core.plugins.plugin_source import API_DISTRIBUTION, FILE_PREFIX, PluginSource

FOLDER_VARIABLE = "ZOO_STATE"  # the folder of the record; empty or relative: none is kept
MAX_RECORD_BYTES = 1 << 20
MAX_ENVIRONMENTS = 100  # that the record holds, the oldest go first
Versions = dict[str, str]  # of distributions, by name


def note_installed(sources: Iterable[PluginSource]) -> str:
    """Record the distributions of plugins, and return a warning for those that are gone since the last call, or "".

    Every environment (`sys.prefix`) has its own record. An error of reading or writing it is ignored.
    """
    file = _record_file()
    if file is None:
        return ""
    now = {
        source.distribution: source.version
        for source in sources
        if source.distribution != API_DISTRIBUTION and not source.distribution.startswith(FILE_PREFIX)
    }
    record = _read(file)
    before = record.get(sys.prefix, {})
    if now != before:
        _write(file, record, now)
    return _describe_lost({name: version for name, version in before.items() if name not in now})


def forget(distribution: str) -> None:
    """Remove a distribution that the user has uninstalled from the record."""
    file = _record_file()
    record = _read(file) if file else {}
    if file and distribution in record.get(sys.prefix, {}):
        _write(file, record, {name: one for name, one in record[sys.prefix].items() if name != distribution})


def _record_file() -> Path | None:
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        from platformdirs import user_state_path

        return user_state_path("textzoo", appauthor=False) / "plugins.json"
    # a relative path would be another file in each folder, which a stranger may have written
    return Path(folder) / "plugins.json" if Path(folder).is_absolute() else None


def _read(file: Path) -> dict[str, Versions]:
    """The record; empty if there is none, or if it is damaged."""
    if not os.path.lexists(file):
        return {}
    import json  # here, as in `_write`: most users have no plugins, and commands start quickly

    from zoo_core.filesystem.reading import read_bounded

    with suppress(OSError, ValueError, RecursionError, RecipeError):
        record = json.loads(read_bounded(file, MAX_RECORD_BYTES, RecipeError))
        if isinstance(record, dict) and all(map(_are_versions, record.values())):
            return record
    return {}


def _are_versions(values: object) -> bool:
    return isinstance(values, dict) and all(isinstance(version, str) for version in values.values())


def _write(file: Path, record: Mapping[str, Versions], now: Versions) -> None:
    import json

    from zoo_core.filesystem.folders import make_folder
    from zoo_core.filesystem.writing import write_file

    others = [(prefix, versions) for prefix, versions in record.items() if prefix != sys.prefix]
    text = json.dumps(dict([*others[-MAX_ENVIRONMENTS + 1 :], (sys.prefix, now)]), indent=1)
    with suppress(OSError, ZooError):
        make_folder(file.parent, mode=0o700)
        write_file(file, f"{text}\n".encode(), mode=0o600)


def _describe_lost(lost: Versions) -> str:
    """The warning for distributions that are gone; names that cannot be installed are left out."""
    known = {name: version for name, version in sorted(lost.items()) if suggest_install(name, version)}
    if not known:
        return ""
    names = ", ".join(f"{name} {version}".strip() for name, version in known.items())
    requirements = (f"{name}=={version}" if version else name for name, version in known.items())
    command = suggest_command("pip install", *requirements) or "see zoo plugins restore"
    verb = "is" if len(known) == 1 else "are"
    count = pluralize(len(known), "plugin distribution")
    return f"{count} {verb} not installed any more: {names} (hint: {command}; shown once)"
