"""Completion of names that do not depend on a recipe: runs, plugins, data sets, metrics, formats and other lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from zoo_cli.completion.items import Complete, Items, matching_items, open_zoo_for_completion, without_errors
from zoo_cli.completion.recipes import component_names

MAX_FOLDERS = 1000  # that are looked at


def complete_words(*words: str) -> Complete:
    """A completion of these words."""

    @without_errors
    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        return matching_items([(word, "") for word in words], incomplete)

    return complete


complete_split = complete_words("train", "val", "test")
complete_format = complete_words("csv", "tsv", "jsonl", "json", "parquet", "arrow", "fasttext")
complete_encoding = complete_words(
    *("utf-8", "utf-16", "latin-1", "cp1252", "cp949", "euc-kr", "shift_jis", "gb18030", "big5", "cp1251", "koi8-r")
)
complete_columns = complete_words("all", "none")


def complete_names(kind: str, *others: str) -> Complete:
    """A completion of the components of a kind, and of other words."""

    @without_errors
    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        names = component_names(open_zoo_for_completion(ctx), kind)
        return matching_items([*names, *((word, "") for word in others)], incomplete)

    return complete


complete_metric = complete_names("metric", "loss")
complete_calibrator = complete_names("calibrator")
complete_aim = complete_names("metric", "cost")  # of a decision
complete_reader = complete_names("reader")


@without_errors
def complete_run(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the folder of a run: in the named folder, or in `runs` and the working folder."""
    parent = Path(incomplete.rpartition("/")[0] or ("/" if incomplete.startswith("/") else ""))
    places = [parent] if "/" in incomplete else [Path("runs"), Path()]
    return matching_items([(path.as_posix(), "") for place in places for path in _runs_in(place)], incomplete)


def _runs_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for _, path in zip(range(MAX_FOLDERS), sorted(folder.iterdir()), strict=False):
            if (path / "recipe.toml").is_file() and not path.name.startswith("."):
                yield path


@without_errors
def complete_plugin(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a plugin, also of one that is disabled or broken; imports none of them."""
    from zoo_core.config.zoo import disabled_plugins, plugin_sources

    found = {source.plugin: str(source) for source in plugin_sources()}
    return matching_items(sorted({**dict.fromkeys(disabled_plugins(), "disabled"), **found}.items()), incomplete)


@without_errors
def complete_distribution(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a distribution with a plugin."""
    from zoo_core.plugins.plugin_source import API_DISTRIBUTION, installed_plugins

    names = {source.distribution for source in installed_plugins()} - {API_DISTRIBUTION}
    return matching_items([(name, "") for name in sorted(names)], incomplete)


@without_errors
def complete_plugin_kind(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete a kind of component."""
    from zoo_core.components.kinds import KINDS, summary_line

    return matching_items([(kind.name, summary_line(kind.base)) for kind in KINDS], incomplete)


@without_errors
def complete_plugin_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a component of the plugin given before."""
    plugin = ctx.params.get("name") or next(iter(ctx.args), "")  # click leaves it there before an unfinished option
    entries = open_zoo_for_completion(ctx).registry.entries
    names = sorted({entry.name for entry in entries if entry.owner.plugin == plugin})
    return matching_items([(name, "") for name in names], incomplete)


@without_errors
def complete_dataset(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a data set to download."""
    from zoo_core.data.download.catalogue import load_catalogue

    return matching_items([(data.name, data.about) for data in load_catalogue().values()], incomplete)


@without_errors
def complete_command(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete a command of `zoo`, or of the group that the words before name."""
    group: Any = ctx.find_root().command
    for word in ctx.params.get(str(parameter.name)) or ():
        group = group.get_command(ctx, word) if isinstance(group, click.Group) else None
    names = group.list_commands(ctx) if isinstance(group, click.Group) else []
    return matching_items([(name, "") for name in names], incomplete)
