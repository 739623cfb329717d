"""`zoo data`: prepare text data before training."""

from __future__ import annotations

import click

from zoo_cli.commands.data.check import check
from zoo_cli.commands.data.download import download
from zoo_cli.commands.data.next_rows import next_command
from zoo_cli.commands.data.sample import sample
from zoo_cli.commands.data.split import split
from zoo_cli.commands.data.suspects import suspects


@click.group("data", epilog="Example: zoo data check reviews.csv")
def data_command() -> None:
    """Check, split, download or generate text data, choose what to label, and find wrong labels."""


for command in (check, download, next_command, sample, split, suspects):
    data_command.add_command(command)
