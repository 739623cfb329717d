"""`zoo plugins`: list plugins, including broken and disabled ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zoo_cli.commands.plugins.check import check_plugin
from zoo_cli.commands.plugins.enable_disable import disable_plugin, enable_plugin
from zoo_cli.commands.plugins.freeze import freeze_plugins, restore_plugins
from zoo_cli.commands.plugins.new import new_plugin
from zoo_cli.commands.plugins.pip import install_plugin, uninstall_plugin
from zoo_cli.commands.plugins.trust import trust_project, untrust_project
from zoo_cli.commands.plugins.update import update_plugin
from zoo_cli.context import open_zoo_quietly
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_table, print_warning

if TYPE_CHECKING:
    from zoo_core.plugins.load_cost import LoadCost
    from zoo_core.plugins.plugin_source import PluginSource


@click.group("plugins", epilog="Example: zoo plugins list")
def plugins_command() -> None:
    """List, create, update, check, install, trust and disable plugins."""


@plugins_command.command("list", epilog="Example: zoo plugins list --json")
@plugin_option
@json_option
@click.pass_context
def list_plugins(ctx: click.Context, as_json: bool) -> None:
    """List every plugin with its distribution, its number of components, and its error if it is broken.

    A plugin that takes more than 0.2 s to load, or imports torch or polars, is named in a warning.
    """
    from zoo_core.errors import PluginError

    zoo = open_zoo_quietly(ctx)
    rows = []
    for source, _ in zoo.plugins.loaded:
        components = sum(entry.owner is source for entry in zoo.registry.entries)
        rows.append((source, "ok", components, ""))
    for plugin in zoo.plugins.unavailable:
        rows.append((plugin.source, "disabled" if plugin.disabled else "broken", 0, plugin.reason))
    rows.sort(key=lambda found: (found[0].plugin, found[0].distribution))
    plugins = [
        {
            "plugin": source.plugin,
            "distribution": source.distribution,
            "version": source.version,
            "state": state,
            "components": components,
            "error": reason if state == "broken" else "",
            **_describe_cost(source, zoo.plugins.costs.get(id(source))),
        }
        for source, state, components, reason in rows
    ]
    if as_json:
        print_json(plugins)
    else:
        columns = ["plugin", "distribution", "version", "state", "components", "error"]
        print_table(columns, [[row[column] for column in columns] for row in plugins])
    for row in plugins:
        if row["slow"]:
            print_warning(f'plugin "{row["plugin"]}" ({row["distribution"]}): {row["slow"]}')
    if ctx.obj["strict"] and zoo.plugins.warnings():
        raise PluginError(*zoo.plugins.warnings())


def _describe_cost(source: PluginSource, cost: LoadCost | None) -> dict[str, Any]:
    """The seconds that a plugin took to load, the large libraries that it imported, and a complaint or ""."""
    from zoo_core.plugins.plugin_source import API_DISTRIBUTION

    if cost is None:  # it is disabled
        return {"seconds": 0.0, "imports": [], "slow": ""}
    complaint = "" if source.distribution == API_DISTRIBUTION else cost.complaint  # a busy machine is slow, too
    return {"seconds": round(cost.seconds, 4), "imports": cost.libraries, "slow": complaint}


for command in (
    *(new_plugin, update_plugin, check_plugin, disable_plugin, enable_plugin),
    *(install_plugin, uninstall_plugin, freeze_plugins, restore_plugins, trust_project, untrust_project),
):
    plugins_command.add_command(command)
