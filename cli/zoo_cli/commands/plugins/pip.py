"""`zoo plugins install` and `uninstall`: pip of the interpreter that runs zoo."""

from __future__ import annotations

import shlex
import subprocess

import click

from zoo_cli.completion.lists import complete_distribution
from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note


@click.command("install", epilog="Example: zoo plugins install textzoo-mine")
@click.argument("name")
@click.option("--upgrade", "-U", is_flag=True, help="Install a newer version if available.")
@json_option
def install_plugin(name: str, upgrade: bool, as_json: bool) -> None:
    """Install the distribution or project folder NAME with pip."""
    before = _offered_names()
    run_pip("install", *(["--upgrade"] if upgrade else []), name)
    new = sorted(_offered_names() - before)
    print_note("new: " + ", ".join(new) if new else "no new plugins (see zoo plugins list)")
    if as_json:
        print_json({"name": name, "new": new})


@click.command("uninstall", epilog="Example: zoo plugins uninstall textzoo-mine")
@click.argument("name", shell_complete=complete_distribution)
@json_option
def uninstall_plugin(name: str, as_json: bool) -> None:
    """Uninstall the distribution NAME, which must provide a plugin or a command, with pip."""
    from packaging.utils import canonicalize_name

    from zoo_core.errors import RecipeError
    from zoo_core.messages import name_hint
    from zoo_core.plugins.installed_record import forget
    from zoo_core.plugins.plugin_source import API_DISTRIBUTION

    before = _offered_names()
    distributions = {offered.partition("/")[0] for offered in before} - {API_DISTRIBUTION}
    known = {str(canonicalize_name(distribution)): distribution for distribution in distributions}
    if canonicalize_name(name) not in known:
        raise RecipeError(f'no plugin is provided by "{name}"', hint=name_hint(name, known))
    run_pip("uninstall", "--yes", name)
    forget(known[canonicalize_name(name)])
    if as_json:
        print_json({"name": name, "removed": sorted(before - _offered_names())})


def _offered_names() -> set[str]:
    """The plugins and commands of all installed distributions, as `distribution/name`; imports none of them."""
    from importlib import invalidate_caches, metadata

    from zoo_cli.commands.plugins.offered_commands import COMMAND_GROUP
    from zoo_core.plugins.plugin_source import ENTRY_POINT_GROUP, source_of

    invalidate_caches()
    points = [*metadata.entry_points(group=ENTRY_POINT_GROUP), *metadata.entry_points(group=COMMAND_GROUP)]
    return {f"{source_of(point).distribution}/{point.name}" for point in points}


def run_pip(*arguments: str) -> None:
    """Run pip, with the command and its output on standard error. Raises PluginError if pip fails."""
    from zoo_core.child_process import python_command, run_python
    from zoo_core.errors import PluginError, RecipeError

    if arguments[-1].startswith("-"):
        raise RecipeError(f'"{arguments[-1]}" is not a valid distribution name')
    command = shlex.join(python_command("-m", "pip", *arguments))
    print_note(f"running: {command}")
    completed = run_python(
        "-m",
        "pip",
        *arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    for line in completed.stdout.splitlines():
        print_note(f"pip: {line}")
    if completed.returncode:
        raise PluginError(f"pip failed with exit code {completed.returncode}", hint=f"run: {command}")
