"""`zoo plugins`: list plugins, including broken and disabled ones."""

from __future__ import annotations

import click

from zoo_cli.commands.plugins.check import check_plugin
from zoo_cli.commands.plugins.enable_disable import disable_plugin, enable_plugin
from zoo_cli.commands.plugins.new import new_plugin
from zoo_cli.commands.plugins.pip import install_plugin, uninstall_plugin
from zoo_cli.commands.plugins.trust import trust_project, untrust_project
from zoo_cli.commands.plugins.update import update_plugin
from zoo_cli.context import open_zoo_quietly
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_table


@click.group("plugins", epilog="Example: zoo plugins list")
def plugins_command() -> None:
    """List, create, update, check, install, trust and disable plugins."""


@plugins_command.command("list", epilog="Example: zoo plugins list --json")
@plugin_option
@json_option
@click.pass_context
def list_plugins(ctx: click.Context, as_json: bool) -> None:
    """List every plugin with its distribution, its number of components, and its error if it is broken."""
    from zoo_core.errors import PluginError

    zoo = open_zoo_quietly(ctx)
    rows = []
    for source, _ in zoo.plugins.loaded:
        components = sum(entry.owner is source for entry in zoo.registry.entries)
        rows.append((source, "ok", components, ""))
    for plugin in zoo.plugins.unavailable:
        rows.append((plugin.source, "disabled" if plugin.disabled else "broken", 0, plugin.reason))
    rows.sort(key=lambda row: (row[0].plugin, row[0].distribution))
    plugins = [
        {
            "plugin": source.plugin,
            "distribution": source.distribution,
            "version": source.version,
            "state": state,
            "components": components,
            "error": reason if state == "broken" else "",
        }
        for source, state, components, reason in rows
    ]
    if as_json:
        print_json(plugins)
    else:
        columns = ["plugin", "distribution", "version", "state", "components", "error"]
        print_table(columns, [list(plugin.values()) for plugin in plugins])
    if ctx.obj["strict"] and zoo.plugins.warnings():
        raise PluginError(*zoo.plugins.warnings())


for command in (
    *(new_plugin, update_plugin, check_plugin, disable_plugin, enable_plugin),
    *(install_plugin, uninstall_plugin, trust_project, untrust_project),
):
    plugins_command.add_command(command)
