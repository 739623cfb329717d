"""`--quiet`, before and after the command: no notes, but results, warnings and errors."""

from __future__ import annotations

import click
import pytest

from zoo_cli.commands.predict import predict_command
from zoo_cli.main import COMMANDS
from zoo_cli.main import zoo as root
from zoo_cli.output import accept_quiet


@pytest.mark.parametrize("given", [("--quiet", "predict"), ("predict", "--quiet")])
def test_quiet_silences_notes(zoo, trained, given):
    said = zoo("predict", trained, "zzzz")
    assert "no word that the run knows" in said.err
    answer = zoo(*given, trained, "zzzz")
    assert (answer.code, answer.out, answer.err) == (0, said.out, "")


def test_quiet_keeps_warnings_and_errors(zoo, trained):
    one = "review,rating\ngreat food,positive\nlovely,positive\n"
    answer = zoo("evaluate", trained, "--data", "-", "--quiet", stdin=one.encode())
    assert answer.code == 0 and answer.err.startswith("zoo: warning: no rows of class negative")
    assert zoo("--quiet", "predict", "nowhere", "good").err.startswith("zoo: error: ")
    assert zoo("data", "sample", "--rows", "5", "-o", "s.csv", "--quiet").err == ""


def leaves(command):
    if isinstance(command, click.Group):
        return [leaf for name in command.list_commands(None) for leaf in leaves(command.get_command(None, name))]
    return [command]


def test_every_command_takes_quiet():
    context = click.Context(root)
    found = [leaf for name in COMMANDS for leaf in leaves(root.get_command(context, name))]
    assert len(found) > len(COMMANDS)
    for command in found:
        assert [option for one in command.params for option in one.opts].count("--quiet") == 1, command.name
    assert accept_quiet(predict_command) is predict_command
