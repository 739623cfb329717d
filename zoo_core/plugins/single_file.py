"""A single Python file as a plugin: an idea tried without a project."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import partial
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from zoo_core.errors import RecipeError
from zoo_core.plugins.source import FILE_PREFIX, PluginSource

MODULE_PREFIX = "textzoo_file_"


def plugin_file(path: str | Path, *, where: str = "") -> PluginSource:
    """The plugin in a file: named for it, with a hash of its text as version. Nothing is imported.

    RecipeError where there is no such file, or it cannot be read; `where` is who named it.
    """
    from hashlib import sha256  # OpenSSL, of no use to most calls

    file = Path(path).expanduser()
    if file.suffix != ".py":
        raise RecipeError(f"{path} is no .py file: a plugin file is a Python module with hooks", where=where)
    try:
        text = file.read_bytes()
        file = file.resolve()
    except OSError as error:
        raise RecipeError(f"cannot read the plugin file {path}: {error.strerror or error}", where=where) from None
    plain = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "file"
    return PluginSource(
        plugin=plain,
        distribution=f"{FILE_PREFIX}{file.name}",
        version=sha256(text).hexdigest()[:12],
        load=partial(_imported, file),
    )


def plugin_files(listed: Iterable[Path], asked: list[PluginSource]) -> list[PluginSource]:
    """The plugins in files that settings name: of two files with one name the first, and none that `asked` has.

    A file that is not there is a plugin that cannot be loaded. RecipeError where `asked` has one name twice.
    """
    names = [source.distribution for source in asked]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise RecipeError(f"two plugin files are called {twice.removeprefix(FILE_PREFIX)}", where="--plugin")
    found: dict[str, PluginSource] = {}
    for path in listed:
        try:
            source = plugin_file(path)
        except RecipeError as error:
            source = PluginSource(path.stem, f"{FILE_PREFIX}{path.name}", "", partial(_unread, error))
        if source.distribution not in names:
            found.setdefault(source.distribution, source)
    return list(found.values())


def _unread(error: RecipeError) -> object:
    raise error


class _Loader(SourceFileLoader):
    """Leaves no cached code beside the user's file."""

    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        return


def _imported(file: Path) -> ModuleType:
    name = MODULE_PREFIX + re.sub(r"\W", "_", file.stem)
    spec = spec_from_file_location(name, file, loader=_Loader(name, str(file)))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # annotations are resolved there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
