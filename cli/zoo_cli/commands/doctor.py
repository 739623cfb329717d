"""`zoo doctor`: versions, plugins and devices, and the search for a plugin that breaks a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_table

TIMEOUT_SECONDS = 600  # a command may take
EXIT_CODE_OFFSET = 64  # added to an exit code, so that a call that ended is told from one that was ended with 0
PROGRAM = f"""
from zoo_cli.main import main
try:
    main()
except SystemExit as stop:
    raise SystemExit({EXIT_CODE_OFFSET} + (stop.code or 0)) from None
"""


@click.command(
    "doctor",
    epilog="Example: zoo doctor, or zoo doctor list --json",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@json_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def doctor_command(ctx: click.Context, as_json: bool, command: tuple[str, ...]) -> int:
    """Check versions, plugins and devices. With COMMAND, find the plugin that makes `zoo COMMAND` fail.

    COMMAND runs several times, each time with fewer plugins. Exits with 1 if a check fails.
    """
    off = tuple(ctx.obj["disabled"])
    rows = (
        _find_breaking_plugins(command, off)
        if command
        else [*_check_versions(), *_check_plugins(off), *_list_devices()]
    )
    if as_json:
        print_json(rows)
    else:
        print_table(["check", "state", "found"], [list(row.values()) for row in rows])
    return int(any(row["state"] == "error" for row in rows))


def _row(check: str, wrong: bool, found: str) -> dict[str, Any]:
    return {"check": check, "state": "error" if wrong else "ok", "found": found}


def _check_versions() -> list[dict[str, Any]]:
    """Python, the zoo, and each distribution it needs."""
    from importlib import metadata
    from platform import platform, python_version

    from packaging.requirements import Requirement

    from zoo_core.plugins.deprecations import API_VERSION

    rows = [_row("python", False, f"{python_version()} on {platform()}")]
    rows.append(_row("textzoo", False, f"{metadata.version('textzoo')}, plugin API {API_VERSION}"))
    for need in map(Requirement, metadata.requires("textzoo") or []):
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            rows.append(_row(need.name, True, f"not installed; requires {need}"))
            continue
        wrong = not need.specifier.contains(version, prereleases=True)
        rows.append(_row(need.name, wrong, f"{version}; requires {need}" if wrong else version))
    return rows


def _check_plugins(off: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each plugin as `zoo plugins list` tells of it, in a process of its own, lest one take this one down."""
    from zoo_core.messages import pluralize

    done = _run_zoo(("plugins", "list", "--json"), off)
    if done is None or done.returncode != EXIT_CODE_OFFSET:
        return _find_breaking_plugins(("plugins", "list"), off)
    rows = []
    for one in json.loads(done.stdout):
        owner = f"{one['distribution']} {one['version']}".strip()
        told = f"{owner}: {one['error']}" if one["error"] else f"{owner}: {pluralize(one['components'], 'component')}"
        told = f"{owner}: disabled" if one["state"] == "off" else told
        rows.append(_row(f"plugin {one['plugin']}", one["state"] == "broken", told))
    return rows


def _list_devices() -> list[dict[str, Any]]:
    """What there is to compute on."""
    import torch

    from zoo_core.messages import pluralize

    rows = [_row("cpu", False, pluralize(os.cpu_count() or 1, "core"))]
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        rows += [_row(f"cuda:{number}", False, name) for number, name in enumerate(names)]
    else:
        rows.append(_row("cuda", False, "not available; training runs on the CPU"))
    return rows


def _find_breaking_plugins(command: tuple[str, ...], off: tuple[str, ...]) -> list[dict[str, Any]]:
    """The plugins without which a command that fails would work."""
    from zoo_core.config.zoo import disabled_plugins, plugin_sources
    from zoo_core.messages import pluralize
    from zoo_core.plugins.bisect import find_minimal_failing
    from zoo_core.plugins.source import API_DISTRIBUTION

    idle = {*disabled_plugins(), *off}
    suspects = [one for one in plugin_sources() if one.distribution != API_DISTRIBUTION and not one.matches(idle)]
    names = {f"{one.distribution}/{one.plugin}": one for one in suspects}
    spelled = " ".join(command)

    def fails(some: list[str]) -> bool:
        print_note(f"zoo doctor: {spelled} with {len(some)} of {pluralize(len(names), 'plugin')}")
        done = _run_zoo(command, (*off, *(name for name in names if name not in some)))
        return done is None or done.returncode != EXIT_CODE_OFFSET

    check = f"zoo {spelled}"
    if not fails(list(names)):
        return [_row(check, False, "works")]
    if fails([]):
        return [
            _row(check, True, "fails without third-party plugins too (hint: run it with --no-plugins to see the error)")
        ]
    found = [names[name] for name in find_minimal_failing(list(names), fails)]
    together = " together with ".join(f'plugin "{one.plugin}" ({one})' for one in found)
    hint = f"{found[-1].remedy}, or disable it: zoo plugins disable {found[-1].plugin}" if found else "try again"
    told = f"fails because of {together}" if found else "fails intermittently with the same plugins"
    return [_row(check, True, f"{told} (hint: {hint})")]


def _run_zoo(command: tuple[str, ...], without: tuple[str, ...]) -> subprocess.CompletedProcess[str] | None:
    """A call of zoo in a process of its own, leaving plugins out; None where it took too long."""
    off = ",".join(filter(None, [os.environ.get("ZOO_DISABLE_PLUGINS", ""), *without]))
    call = [sys.executable, "-c", PROGRAM, *command]
    own = {**os.environ, "ZOO_DISABLE_PLUGINS": off}
    try:
        return subprocess.run(
            call,
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
