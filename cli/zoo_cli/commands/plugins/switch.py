"""`zoo plugins disable` and `enable`: stored in the user's settings."""

from __future__ import annotations

import click

from zoo_cli.output import print_note


@click.command("disable", epilog="Example: zoo plugins disable mine")
@click.argument("name")
def disable_plugin(name: str) -> None:
    """Disable the plugin NAME (or DISTRIBUTION/NAME) in the user's settings."""
    set_enabled(name, off=True)


@click.command("enable", epilog="Example: zoo plugins enable mine")
@click.argument("name")
def enable_plugin(name: str) -> None:
    """Enable the plugin NAME again in the user's settings."""
    set_enabled(name, off=False)


def set_enabled(name: str, *, off: bool) -> None:
    """Write the user's settings, whole or not at all; nothing is imported, so no plugin can stop it."""
    from zoo_core.config.toml import read_toml
    from zoo_core.config.user_settings import set_plugin_enabled, user_file
    from zoo_core.config.zoo import disabled_plugins, plugin_sources
    from zoo_core.errors import InputOutputError, RecipeError
    from zoo_core.filesystem import atomic_write
    from zoo_core.messages import name_hint

    there = plugin_sources()
    known = {source.plugin for source in there} | {f"{source.distribution}/{source.plugin}" for source in there}
    file = user_file()
    if file.exists():
        read_toml(file)  # its faults, with their lines
    own = disabled_plugins()
    if name not in known and (off or name not in own):
        raise RecipeError(f'unknown plugin "{name}"', hint=name_hint(name, [s.plugin for s in there]))
    try:
        text = file.read_text("utf-8") if file.exists() else ""
        changed = set_plugin_enabled(text, name, off=off, where=str(file))
        if changed != text:
            file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputOutputError(f"cannot write {file}: {error.strerror or error}") from None
    if changed == text:
        print_note(f'plugin "{name}" is already {"disabled" if off else "enabled"}')
    else:
        with atomic_write(str(file)) as stream:
            stream.write(changed.encode())
        print_note(f'plugin "{name}" is {"disabled" if off else "enabled"} in {file}')
    if not off:
        for still in disabled_plugins().get(name, []):
            print_note(f"zoo: warning: it is still disabled by {still}")
