"""Commands of plugins: found by name without importing any, and loaded when one is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Sequence
from importlib import metadata

import click
from attrs import frozen

from zoo_core.errors import PluginError
from zoo_core.plugins.owned_names import ambiguous_name, is_owned_by
from zoo_core.plugins.plugin_source import PluginSource, describe_exception, installed_plugins, source_of

COMMAND_GROUP = "textzoo.commands"


@frozen
class OfferedCommand:
    """A command of an installed distribution; nothing of it is imported."""

    point: metadata.EntryPoint
    owner: PluginSource

    @property
    def name(self) -> str:
        """The name of the command."""
        return self.point.name

    @property
    def qualified_name(self) -> str:
        """The unique name: `distribution:command`."""
        return f"{self.owner.distribution}:{self.name}"

    def is_owned_by(self, owner: str) -> bool:
        """Whether an owner names its distribution, or a plugin of its distribution."""
        if owner in ("", self.owner.distribution):
            return True
        plugins = [source for source in installed_plugins() if source.distribution == self.owner.distribution]
        return any(is_owned_by(source, owner) for source in plugins)

    def is_disabled(self, names: Iterable[str]) -> bool:
        """Whether one of these names, or of those in ZOO_DISABLE_PLUGINS, disables it."""
        return self.owner.matches({*names, *os.environ.get("ZOO_DISABLE_PLUGINS", "").replace(" ", "").split(",")})


def offered_commands() -> list[OfferedCommand]:
    """The commands of every distribution, sorted by name and distribution."""
    found = [OfferedCommand(point, source_of(point)) for point in metadata.entry_points(group=COMMAND_GROUP)]
    return sorted(found, key=lambda command: (command.name, command.owner.distribution))


def find_commands(name: str, reserved: Collection[str]) -> Sequence[OfferedCommand]:
    """Those that a name may mean: `command`, `plugin:command` or `distribution:command`; several if it is ambiguous.

    A `reserved` name alone is a command of zoo itself.
    """
    owner, _, plain = name.rpartition(":")
    if not owner and plain in reserved:
        return []
    matches = [command for command in offered_commands() if command.name == plain and command.is_owned_by(owner)]
    return _select_preferred(matches) if len(matches) > 1 else matches


def _select_preferred(matches: Sequence[OfferedCommand]) -> Sequence[OfferedCommand]:
    """The command that `[owners]` of the settings prefers; all of them if there is none."""
    from zoo_core.config.zoo import preferred_owners

    preferred = preferred_owners().get(f"command.{matches[0].name}", "")
    return [command for command in matches if preferred and command.is_owned_by(preferred)] or matches


def command_names(reserved: Collection[str]) -> dict[str, str]:
    """The names by which the commands of plugins are called, each with the distribution that it runs."""
    names: dict[str, str] = {}
    for command in offered_commands():
        meant = find_commands(command.name, reserved)
        is_meant = [one.qualified_name for one in meant] == [command.qualified_name]
        names[command.name if is_meant else command.qualified_name] = command.owner.distribution
    return names


def load_command(name: str, reserved: Collection[str], disabled: Collection[str]) -> click.Command | None:
    """Import the command of this name; None for an unknown one. PluginError if it is ambiguous or broken."""
    matches = find_commands(name, reserved)
    enabled = [command for command in matches if not command.is_disabled(disabled)]
    if len(enabled) > 1:
        raise ambiguous_name("command", enabled[0].name, enabled, verb="run")
    if matches and not enabled:
        raise PluginError(f"{_title(matches[0])} is disabled")
    return _import_command(enabled[0]) if enabled else None


def _title(command: OfferedCommand) -> str:
    return f'command "{command.name}" of {command.owner}'


def _import_command(command: OfferedCommand) -> click.Command:
    from zoo_cli.streams import capture_output
    from zoo_cli.terminal_streams import styled_stream

    source, title = command.owner, _title(command)
    if source.incompatibility():
        raise PluginError(f"{title} cannot be used: {source.incompatibility()}", hint=source.remedy)
    try:
        with capture_output([]):
            loaded = command.point.load()
    except (Exception, SystemExit) as error:
        raise PluginError(f"{title} cannot be loaded: {describe_exception(error)}", hint=source.remedy) from error
    if not isinstance(loaded, click.Command):
        raise PluginError(f"{title} ({command.point.value}) is not a click command", hint=source.remedy)
    sys.stdout, sys.stderr = styled_stream(sys.stdout), styled_stream(sys.stderr)  # it may color its own output
    return loaded
