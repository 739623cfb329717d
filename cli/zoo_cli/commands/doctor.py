"""`zoo doctor`: versions, plugins and devices, and the search for a plugin that breaks a command."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import click

from zoo_cli.completion.lists import complete_command
from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_table, print_warning

TIMEOUT_SECONDS = 600  # of one command
# Added to the exit code of a command that returned by itself: a plugin can end the process with 0 from native code.
EXIT_CODE_OFFSET = 64
PROGRAM = f"""
from zoo_cli.process.process_end import note_end
from zoo_cli.process.start import main
try:
    main()
except SystemExit as stop:
    code = {EXIT_CODE_OFFSET} + (stop.code or 0)
    note_end(code)
    raise SystemExit(code) from None
"""


@click.command(
    "doctor",
    epilog="Example: zoo doctor, or zoo doctor list --json",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@json_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED, shell_complete=complete_command)
@click.pass_context
def doctor_command(ctx: click.Context, as_json: bool, command: tuple[str, ...]) -> int:
    """Check versions, settings, plugins and devices. With COMMAND, find the plugin that makes `zoo COMMAND` fail.

    The settings files are listed in their order: each overrides those before it. COMMAND runs several times, each time
    with fewer plugins. Exits with 1 if a check fails.
    """
    from zoo_core.config.settings_layers import read_settings

    disabled = tuple(ctx.obj["disabled"])
    for warning in read_settings().warnings if command else ():
        print_warning(f"{warning}")
    if command:
        rows = _find_breaking_plugins(command, disabled)
    else:
        settings = _check_settings()
        are_read = all(row["state"] == "ok" for row in settings)
        plugins = _check_plugins(disabled) if are_read else []  # no command would list them
        rows = [*_check_versions(), *settings, *plugins, *_list_devices()]
    if as_json:
        print_json(rows)
    else:
        print_table(["check", "state", "found"], [list(row.values()) for row in rows])
    return int(any(row["state"] == "error" for row in rows))


def _row(check: str, is_ok: bool, found: str) -> dict[str, Any]:
    return {"check": check, "state": "ok" if is_ok else "error", "found": found}


def _check_settings() -> list[dict[str, Any]]:
    """The settings files in their order, and why one of them, or a part of it, is ignored."""
    from zoo_core.config.settings_layers import read_settings
    from zoo_core.config.user_settings import require_user_file
    from zoo_core.errors import RecipeError

    rows = []
    for number, file in enumerate(read_settings().files, 1):
        found = file.reason or (file.place if file.is_read else f"none: {file.place}")
        rows.append(_row(f"settings {number}: {file.layer}", file.is_read or not file.reason, found))
    try:
        require_user_file()
    except RecipeError as error:
        rows[1] = _row(rows[1]["check"], False, str(error))
    return rows


def _check_versions() -> list[dict[str, Any]]:
    """Check the versions of Python, textzoo and its dependencies."""
    from importlib import metadata
    from platform import platform, python_version

    from packaging.requirements import Requirement

    from zoo_core.plugins.deprecations import API_VERSION

    rows = [_row("python", True, f"{python_version()} on {platform()}")]
    rows.append(_row("textzoo", True, f"{metadata.version('textzoo')}, plugin API {API_VERSION}"))
    for requirement in map(Requirement, metadata.requires("textzoo") or []):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            rows.append(_row(requirement.name, False, f"not installed; requires {requirement}"))
            continue
        is_ok = requirement.specifier.contains(version, prereleases=True)
        rows.append(_row(requirement.name, is_ok, version if is_ok else f"{version}; requires {requirement}"))
    return rows


def _check_plugins(disabled: tuple[str, ...]) -> list[dict[str, Any]]:
    """Check each plugin by `zoo plugins list`, in another process because a plugin can end the process."""
    from zoo_core.messages import pluralize

    completed = _run_zoo(("plugins", "list", "--json"), disabled)
    if completed is None or completed.returncode != EXIT_CODE_OFFSET:
        return _find_breaking_plugins(("plugins", "list"), disabled)
    rows = []
    for plugin in json.loads(completed.stdout):
        text = plugin["error"] or pluralize(plugin["components"], "component")
        text = "disabled" if plugin["state"] == "disabled" else text
        owner = f"{plugin['distribution']} {plugin['version']}".strip()
        text = f"{text}; {plugin['slow']}" if plugin["slow"] else text
        row = _row(f"plugin {plugin['plugin']}", plugin["state"] != "broken", f"{owner}: {text}")
        rows.append({**row, "state": "warning"} if plugin["slow"] and row["state"] == "ok" else row)
    return rows


def _list_devices() -> list[dict[str, Any]]:
    """List the devices that can train."""
    import torch

    from zoo_core.messages import pluralize

    rows = [_row("cpu", True, pluralize(os.cpu_count() or 1, "core"))]
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        rows += [_row(f"cuda:{number}", True, name) for number, name in enumerate(names)]
    else:
        rows.append(_row("cuda", True, "not available; training runs on the CPU"))
    return rows


def _find_breaking_plugins(command: tuple[str, ...], disabled: tuple[str, ...]) -> list[dict[str, Any]]:
    """Find the plugins without which a failing command works."""
    from zoo_core.config.zoo import disabled_plugins, plugin_sources
    from zoo_core.messages import join_hints, pluralize, suggest_command
    from zoo_core.plugins.bisect import find_minimal_failing
    from zoo_core.plugins.plugin_source import API_DISTRIBUTION

    already_disabled = {*disabled_plugins(), *disabled}
    suspects = {
        f"{source.distribution}/{source.plugin}": source
        for source in plugin_sources()
        if source.distribution != API_DISTRIBUTION and not source.matches(already_disabled)
    }
    command_line = " ".join(command)

    def fails(enabled: list[str]) -> bool:
        print_note(f"zoo doctor: {command_line} with {len(enabled)} of {pluralize(len(suspects), 'plugin')}")
        completed = _run_zoo(command, (*disabled, *(name for name in suspects if name not in enabled)))
        return completed is None or completed.returncode != EXIT_CODE_OFFSET

    check = f"zoo {command_line}"
    if not fails(list(suspects)):
        return [_row(check, True, "works")]
    if fails([]):
        text = "fails without third-party plugins too (hint: run it with --no-plugins to see the error)"
        return [_row(check, False, text)]
    culprits = [suspects[name] for name in find_minimal_failing(list(suspects), fails)]
    if not culprits:
        return [_row(check, False, "fails intermittently with the same plugins (hint: try again)")]
    names = " together with ".join(f'plugin "{source.plugin}" ({source})' for source in culprits)
    remedy = suggest_command("zoo plugins disable", culprits[-1].plugin)
    hint = join_hints(culprits[-1].remedy, remedy and f"disable it: {remedy}")
    return [_row(check, False, f"fails because of {names} (hint: {hint})")]


def _run_zoo(command: tuple[str, ...], disabled: tuple[str, ...]) -> Any:
    """Run `zoo COMMAND` in another process with plugins disabled; None after the timeout."""
    from zoo_core.child_process import run_python

    names = ",".join(filter(None, [os.environ.get("ZOO_DISABLE_PLUGINS", ""), *disabled]))
    try:
        return run_python(
            "-c",
            PROGRAM,
            *command,
            variables={"ZOO_DISABLE_PLUGINS": names},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
