"""What a command opens from its click context: the zoo, and a trained run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from zoo_cli.output import print_note, print_warning
from zoo_cli.process.process_end import allow_fast_end
from zoo_cli.streams import capture_output, isolate_stdout

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.runs.run import Run

WARNINGS_KEY = "zoo_cli.warnings"  # marks a click context that prints the library's warnings
SHOWN_KEY = "zoo_cli.shown"  # the warnings that a click context has printed


@contextmanager
def _print_warnings() -> Iterator[None]:
    """Print the warnings that the library logs as `zoo: warning: …` on standard error, and its notes, each once."""
    import logging

    from zoo_core.messages import LOGGER

    class WarningPrinter(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if record.levelno >= logging.WARNING:
                print_warning(text)
            elif text not in notes:
                notes.add(text)
                print_note(text)

    notes: set[str] = set()
    logger, handler = logging.getLogger(LOGGER), WarningPrinter()
    propagates, logger.propagate = logger.propagate, False  # a plugin may have configured the root logger
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates
        logger.setLevel(level)


def _warn(ctx: click.Context, *warnings: str) -> None:
    """Print warnings, each once in a call: some commands open two runs."""
    shown = ctx.meta.setdefault(SHOWN_KEY, set())
    for warning in warnings:
        if warning not in shown:
            print_warning(f"{warning}")
        shown.add(warning)


def open_zoo_quietly(ctx: click.Context) -> Zoo:
    """Open the zoo, print which settings were ignored, and no warnings about plugins."""
    from zoo_core.config.zoo import open_zoo
    from zoo_core.errors import PluginError
    from zoo_core.plugins.plugin_source import API_DISTRIBUTION

    isolate_stdout(ctx)
    if WARNINGS_KEY not in ctx.meta:
        ctx.meta[WARNINGS_KEY] = ctx.with_resource(_print_warnings())
    disabled, files = tuple(ctx.obj["disabled"]), tuple(ctx.obj["files"])
    zoo = open_zoo(disabled=disabled, files=files, capture=capture_output, warns=False)
    allow_fast_end(is_allowed=all(source.distribution == API_DISTRIBUTION for source, _ in zoo.plugins.loaded))
    if ctx.obj["strict"] and zoo.warnings:
        raise PluginError(*zoo.warnings)
    _warn(ctx, *zoo.warnings)
    return zoo


def open_zoo_for(ctx: click.Context) -> Zoo:
    """Open the zoo and print its plugin warnings; with --strict-plugins, raise them as PluginError."""
    from zoo_core.errors import PluginError
    from zoo_core.plugins.installed_record import note_installed

    zoo = open_zoo_quietly(ctx)
    if ctx.obj["strict"] and zoo.plugins.warnings():
        raise PluginError(*zoo.plugins.warnings())
    _warn(ctx, *zoo.plugins.warnings(in_full=False))
    sources = [*(plugin.source for plugin in zoo.plugins.unavailable), *(source for source, _ in zoo.plugins.loaded)]
    if "*" not in (*ctx.obj["disabled"], *os.environ.get("ZOO_DISABLE_PLUGINS", "").split(",")):
        _warn(ctx, *filter(None, [note_installed(sources)]))
    known = {source.plugin for source in sources}
    for name in ctx.obj["disabled"]:
        if name.rpartition("/")[2] not in {*known, "*"}:
            _warn(ctx, f'--no-plugin: unknown plugin "{name}"')
    return zoo


def open_run_for(ctx: click.Context, folder: str, settings: Sequence[str] = ()) -> Run:
    """Open the run in a folder and warn of what changed since its training; `settings` select other columns."""
    from zoo_core.runs.load import open_run
    from zoo_core.runs.views.changes import changes_since_training

    run = open_run(folder, zoo=open_zoo_for(ctx))
    _warn(ctx, *changes_since_training(run))
    return run.override(*settings) if settings else run
