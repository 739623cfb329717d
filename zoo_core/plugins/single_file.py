"""Plugins in a single Python file, without a package."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import partial
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from zoo_core.errors import RecipeError
from zoo_core.filesystem.names import slugify
from zoo_core.plugins.plugin_source import FILE_PREFIX, PluginSource

MODULE_PREFIX = "textzoo_file_"


def read_plugin_file(path: str | Path, *, where: str = "") -> PluginSource:
    """The plugin in a file that the user names. Nothing is imported.

    RecipeError if the file cannot be read; `where` is the place that names it.
    """
    file = Path(path).expanduser()
    check_suffix(file, where=where)
    try:
        return plugin_in_file(file.resolve(), file.read_bytes())
    except OSError as error:
        raise RecipeError(f"cannot read the plugin file {path}: {error.strerror or error}", where=where) from None


def check_suffix(path: Path, *, where: str = "") -> None:
    """Raise RecipeError if a file is not a Python module."""
    if path.suffix != ".py":
        raise RecipeError(f'"{path}" is not a .py file: a plugin file is a Python module with hooks', where=where)


def plugin_in_file(file: Path, content: bytes) -> PluginSource:
    """The plugin with this content, named for the file, with a hash of the content as version.

    The content is what is imported: the file is not read again, and no bytecode beside it is used or written.
    """
    from hashlib import sha256  # here, because loading OpenSSL takes time

    return PluginSource(
        plugin=slugify(file.stem, default="file", ascii_only=True),
        distribution=f"{FILE_PREFIX}{file.name}",
        version=sha256(content).hexdigest()[:12],
        load=partial(import_file, file, content),
    )


def broken_plugin_file(path: Path, error: RecipeError) -> PluginSource:
    """A plugin whose file cannot be used: loading it raises the error."""
    return PluginSource(path.stem, f"{FILE_PREFIX}{path.name}", "", partial(_raise, error))


def without_duplicates(sources: Iterable[PluginSource], explicit: list[PluginSource]) -> list[PluginSource]:
    """The plugins in files that settings name, without those that `explicit` has; of two equal names the first.

    RecipeError if `explicit` has a name twice.
    """
    names = [source.distribution for source in explicit]
    duplicate = next((name for name in names if names.count(name) > 1), "")
    if duplicate:
        raise RecipeError(f'two plugin files have the name "{duplicate.removeprefix(FILE_PREFIX)}"', where="--plugin")
    unique: dict[str, PluginSource] = {}
    for source in sources:
        if source.distribution not in names:
            unique.setdefault(source.distribution, source)
    return list(unique.values())


def _raise(error: RecipeError) -> object:
    raise error


class _Loader(SourceFileLoader):
    """A loader of a content that was read before."""

    def __init__(self, name: str, path: str, content: bytes) -> None:
        super().__init__(name, path)
        self.content = content

    def get_data(self, path: str) -> bytes:
        return self.content if path == self.path else super().get_data(path)

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.content, self.path)


def content_of(module: ModuleType) -> bytes:
    """What a module of `import_file` was imported from; b"" for other modules."""
    loader = module.__loader__
    return loader.content if isinstance(loader, _Loader) else b""


def import_file(file: Path, content: bytes) -> ModuleType:
    """Import the content of a plugin file as a module that has the place of the file."""
    name = MODULE_PREFIX + re.sub(r"\W", "_", file.stem)
    spec = spec_from_file_location(name, file, loader=_Loader(name, str(file), content))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # get_type_hints resolves annotations there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
