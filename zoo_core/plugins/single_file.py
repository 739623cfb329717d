"""Plugins in a single Python file, without a package."""

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
from zoo_core.filesystem.names import slugify
from zoo_core.plugins.plugin_source import FILE_PREFIX, PluginSource

MODULE_PREFIX = "textzoo_file_"


def plugin_file(path: str | Path, *, where: str = "") -> PluginSource:
    """The plugin in a file: named for the file, with a hash of its text as version. Nothing is imported.

    RecipeError if the file cannot be read; `where` is the place that names it.
    """
    from hashlib import sha256  # here, because loading OpenSSL takes time

    file = Path(path).expanduser()
    if file.suffix != ".py":
        raise RecipeError(f'"{path}" is not a .py file: a plugin file is a Python module with hooks', where=where)
    try:
        text = file.read_bytes()
        file = file.resolve()
    except OSError as error:
        raise RecipeError(f"cannot read the plugin file {path}: {error.strerror or error}", where=where) from None
    return PluginSource(
        plugin=slugify(file.stem, default="file", ascii_only=True),
        distribution=f"{FILE_PREFIX}{file.name}",
        version=sha256(text).hexdigest()[:12],
        load=partial(_import_file, file),
    )


def plugin_files(paths: Iterable[Path], explicit: list[PluginSource]) -> list[PluginSource]:
    """The plugins in files that settings name, without those that `explicit` has; of two equal names the first.

    A missing file is a plugin that fails to load. RecipeError if `explicit` has a name twice.
    """
    names = [source.distribution for source in explicit]
    duplicate = next((name for name in names if names.count(name) > 1), "")
    if duplicate:
        raise RecipeError(f'two plugin files have the name "{duplicate.removeprefix(FILE_PREFIX)}"', where="--plugin")
    sources: dict[str, PluginSource] = {}
    for path in paths:
        try:
            source = plugin_file(path)
        except RecipeError as error:
            source = PluginSource(path.stem, f"{FILE_PREFIX}{path.name}", "", partial(_raise, error))
        if source.distribution not in names:
            sources.setdefault(source.distribution, source)
    return list(sources.values())


def _raise(error: RecipeError) -> object:
    raise error


class _Loader(SourceFileLoader):
    """A loader that writes no bytecode beside the file."""

    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        return


def _import_file(file: Path) -> ModuleType:
    name = MODULE_PREFIX + re.sub(r"\W", "_", file.stem)
    spec = spec_from_file_location(name, file, loader=_Loader(name, str(file)))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # get_type_hints resolves annotations there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
