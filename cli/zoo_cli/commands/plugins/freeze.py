"""`zoo plugins freeze` and `restore`: the installed plugins as a file that pip reads, and back."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note
from zoo_cli.streams import write_out

MAX_FILE_BYTES = 1 << 20
UTF_16_MARKS = (BOM_UTF16_LE, BOM_UTF16_BE)  # the redirection of Windows PowerShell writes UTF-16


@click.command("freeze", epilog="Example: zoo plugins freeze > plugins.txt")
@json_option
def freeze_plugins(as_json: bool) -> None:
    """Print the distributions of all plugins with their versions, for `zoo plugins restore` or `pip install -r`.

    The version of textzoo and the plugin files of the settings are comments. No plugin is imported.
    """
    from zoo_cli.commands.plugins.offered_commands import offered_commands
    from zoo_core.config.zoo import plugin_sources
    from zoo_core.plugins import requirements

    text = requirements.freeze_plugins([*(command.owner for command in offered_commands()), *plugin_sources()])
    if as_json:
        print_json({"requirements": list(requirements.parse_frozen(text, "freeze").requirements), "text": text})
    else:
        write_out(text, nl=False)


@click.command("restore", epilog="Example: zoo plugins restore plugins.txt")
@click.argument("file")
@json_option
def restore_plugins(file: str, as_json: bool) -> None:
    """Install with pip what FILE of `zoo plugins freeze` lists and is not installed in that version.

    A FILE with options of pip, URLs or paths is refused.
    """
    from zoo_cli.commands.plugins.pip import run_pip
    from zoo_core.errors import InputOutputError, RecipeError
    from zoo_core.filesystem.reading import read_bounded
    from zoo_core.plugins.requirements import parse_frozen

    try:
        data = read_bounded(Path(file), MAX_FILE_BYTES, RecipeError, follow_links=True)
        text = data.decode("utf-16" if data.startswith(UTF_16_MARKS) else "utf-8")
    except (OSError, ValueError) as error:
        raise InputOutputError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    frozen = parse_frozen(text, file)
    _compare_version(frozen.version)
    for name in frozen.files:
        print_note(f"{name} is a plugin file: copy it yourself, and name it with --plugin or in [plugins] files")
    missing = []
    for requirement in frozen.requirements:
        state = _state_of(requirement)
        print_note(f"{requirement}: {state or 'already installed'}")
        missing += [requirement] if state else []
    if missing:
        run_pip("install", *missing)
    else:
        print_note("nothing to install")
    if as_json:
        print_json({"file": file, "installed": missing})


def _compare_version(version: str) -> None:
    from importlib import metadata

    installed = metadata.version("textzoo")
    if version and version != installed:
        print_note(f"the file was made with textzoo {version}; installed is {installed}, which is kept if it can be")


def _state_of(requirement: str) -> str:
    """Why a requirement is to be installed; "" if it is already there."""
    from importlib import metadata

    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return "to install"
    return "" if wanted.specifier.contains(version, prereleases=True) else f"to install, now {version}"
