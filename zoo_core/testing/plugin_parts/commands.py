"""Checks of the commands of a plugin, from the entry-point group `textzoo.commands`."""

from __future__ import annotations

import importlib
from importlib import metadata
from typing import Any

from zoo_core.testing.any_kind.declarations import import_problem
from zoo_core.testing.checks import register_check
from zoo_core.testing.parts import COMMAND_GROUP, Part


def _point(part: Part) -> metadata.EntryPoint:
    assert part.command is not None, "it is not a command"
    return part.command


def _load(part: Part) -> Any:
    click = importlib.import_module("click")
    loaded = _point(part).load()
    value = _point(part).value
    assert isinstance(loaded, click.Command), f"{value} is {type(loaded).__name__}, not a click command"
    return loaded


@register_check("command", "`zoo NAME` must run what the entry point names")
def command_loads(part: Part) -> None:
    _load(part)


@register_check("command", "`zoo NAME --help` is the first thing that a user reads")
def command_has_help(part: Part) -> None:
    testing: Any = importlib.import_module("click.testing")
    command = _load(part)
    assert (command.help or "").strip(), "it has no help: write a docstring"
    for parameter in command.params:
        is_documented = getattr(parameter, "help", None) or parameter.param_type_name == "argument"
        assert is_documented, f"the option {parameter.opts[0]} has no help"
    result = testing.CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0, f"--help ends with exit code {result.exit_code}: {result.exception}"


@register_check("command", "completing and listing commands must be fast", slow=True)
def command_loads_no_torch(part: Part) -> None:
    problem = import_problem(_point(part).module)
    assert not problem, f"importing {_point(part).module} {problem}"


@register_check("command", "a name of two commands must be written in full by every user")
def command_name_is_free(part: Part) -> None:
    assert part.name not in part.reserved, f'textzoo has a command "{part.name}", which hides it'
    others = [point for point in metadata.entry_points(group=COMMAND_GROUP) if point.name == part.name]
    owners = sorted({point.dist.name for point in others if point.dist and point.value != _point(part).value})
    assert not owners, f'"{part.name}" is also a command of {" and ".join(owners)}'
