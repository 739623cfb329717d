"""Context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from zoo_cli.output import note
from zoo_cli.streams import keep_apart, overheard

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.runs.run import Run


def quiet_zoo(ctx: click.Context) -> Zoo:
    """The zoo of this call, whatever is wrong with its plugins."""
    from zoo_core.config.zoo import open_zoo

    keep_apart(ctx)
    return open_zoo(disabled=tuple(ctx.obj["disabled"]), files=tuple(ctx.obj["files"]), overhear=overheard)


def the_zoo(ctx: click.Context) -> Zoo:
    """The zoo of this call, with a warning line for each plugin that breaks, or under --strict-plugins PluginError."""
    from zoo_core.errors import PluginError

    zoo = quiet_zoo(ctx)
    if ctx.obj["strict"] and zoo.plugins.warnings():
        raise PluginError(*zoo.plugins.warnings())
    for line in zoo.plugins.warnings():
        note(f"zoo: warning: {line}")
    known = {absent.source.plugin for absent in zoo.plugins.absent}
    known |= {source.plugin for source, _ in zoo.plugins.loaded}
    for name in ctx.obj["disabled"]:
        if name.rpartition("/")[2] not in {*known, "*"}:
            note(f"zoo: warning: --no-plugin {name}: there is no such plugin")
    return zoo


def the_run(ctx: click.Context, folder: str, settings: Sequence[str] = ()) -> Run:
    """The run in a folder, reading the columns that `settings` name; a warning where a plugin has changed since."""
    from zoo_core.runs.load import changed_parts, open_run

    run = open_run(folder, zoo=the_zoo(ctx))
    for line in changed_parts(run):
        note(f"zoo: warning: {line}")
    return run.override(*settings) if settings else run
