"""`zoo plugins disable` and `enable`: stored in the user's settings."""

from __future__ import annotations

import click

from zoo_cli.completion.lists import complete_plugin
from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_warning


@click.command("disable", epilog="Example: zoo plugins disable mine")
@click.argument("name", shell_complete=complete_plugin)
@json_option
def disable_plugin(name: str, as_json: bool) -> None:
    """Disable the plugin NAME (or DISTRIBUTION/NAME) in the user's settings."""
    set_enabled(name, False, as_json=as_json)


@click.command("enable", epilog="Example: zoo plugins enable mine")
@click.argument("name", shell_complete=complete_plugin)
@json_option
def enable_plugin(name: str, as_json: bool) -> None:
    """Enable the plugin NAME again in the user's settings."""
    set_enabled(name, True, as_json=as_json)


def set_enabled(name: str, enabled: bool, *, as_json: bool = False) -> None:
    """Write the user's settings atomically. Imports no plugin, so a broken plugin cannot prevent it."""
    from zoo_core.config.settings_layers import read_settings
    from zoo_core.config.toml import parse_toml_file, read_toml_bytes
    from zoo_core.config.user_settings import set_plugin_enabled, user_file
    from zoo_core.config.zoo import disabled_plugins, plugin_sources
    from zoo_core.errors import InputOutputError, RecipeError
    from zoo_core.filesystem.folders import make_folder
    from zoo_core.filesystem.writing import atomic_write
    from zoo_core.messages import name_hint

    for warning in read_settings().warnings:
        print_warning(f"{warning}")
    sources = plugin_sources()
    known = {source.plugin for source in sources} | {f"{source.distribution}/{source.plugin}" for source in sources}
    file = user_file()
    data = read_toml_bytes(file) if file.exists() else b""
    parse_toml_file(data, file)  # reports its errors with their lines
    if name not in known and not (enabled and name in disabled_plugins()):
        raise RecipeError(f'unknown plugin "{name}"', hint=name_hint(name, [source.plugin for source in sources]))
    state = "enabled" if enabled else "disabled"
    try:
        text = data.decode()
        new_text = set_plugin_enabled(text, name, enabled=enabled, where=str(file))
        if new_text != text:
            make_folder(file.parent)
    except OSError as error:
        raise InputOutputError(f"cannot write {file}: {error.strerror or error}") from None
    if new_text == text:
        print_note(f'plugin "{name}" is already {state}')
    else:
        with atomic_write(str(file)) as stream:
            stream.write(new_text.encode())
        print_note(f'plugin "{name}" is {state} in {file}')
    places = disabled_plugins().get(name, []) if enabled else []
    for place in places:
        print_warning(f"it is still disabled by {place}")
    if as_json:
        print_json({"plugin": name, "state": "disabled" if places else state, "file": str(file)})
