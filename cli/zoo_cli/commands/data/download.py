"""`zoo data download`: download public data sets, verify them and write each as one table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from zoo_cli.commands.data.output import force_option, format_option, refuse_existing, write_frame
from zoo_cli.options import formulas_option, json_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.streams import write_out

if TYPE_CHECKING:
    from pathlib import Path

    from zoo_core.data.download.catalogue import Dataset
    from zoo_core.data.download.fetch import DownloadProgress


@click.command("download", epilog="Example: zoo data download ag-news --yes -o ag-news.csv")
@click.argument("name", required=False)
@click.option("-o", "--output", metavar="FILE", help="Output file; - is standard output. Default: NAME.csv.")
@click.option("--yes", is_flag=True, help="Accept the terms without a prompt.")
@click.option("--list", "listed", is_flag=True, help="List the available data sets.")
@format_option
@formulas_option
@force_option
@json_option
def download(
    name: str | None,
    output: str | None,
    yes: bool,
    listed: bool,
    form: str,
    escape_formulas: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Download the data set NAME from its publisher and write it as one table.

    The command shows the terms and asks for acceptance; without a terminal, use --yes. Downloads are verified and
    cached; an interrupted download is resumed.
    """
    from zoo_core.data.download.catalogue import build_table, find_dataset, load_catalogue

    if listed:
        _print_datasets(load_catalogue(), as_json)
        return
    if name is None:
        raise click.UsageError("missing argument 'NAME': expected a name from `zoo data download --list`")
    known = find_dataset(name)
    output = output or f"{name}.csv"
    refuse_existing(output, force)
    from zoo_core.data.files.writer import output_format

    output_format("" if output == "-" else output, form)  # wrong before anything is fetched
    paths = _fetch_files(known, yes)
    frame = build_table(known, paths)
    texts = [column for column in frame.columns if column not in (known.label, "split")]
    write_frame(frame, output, form, label=known.label, text=texts[-1], escaped=escape_formulas)
    if as_json and output != "-":
        files = {file: str(path) for file, path in paths.items()}
        print_json({"name": name, "output": output, "rows": frame.height, "columns": frame.columns, "files": files})
    elif output != "-":
        print_note(f"{frame.height} rows: {', '.join(frame.columns)}; {known.cite}")
        write_out(output)


def _fetch_files(known: Dataset, yes: bool) -> dict[str, Path]:
    """The files of a data set, from the cache or, once the terms are accepted, from where they are published."""
    from zoo_core.data.download.fetch import cache_folder, cached_files, fetch_dataset
    from zoo_core.errors import RecipeError

    folder = cache_folder()
    there = cached_files(known, folder)
    if len(there) == len(known.files):
        print_note(f"{known.name}: cached in {folder / known.name}")
        return there
    print_note(f"{known.name}: {known.about}; {known.rows} rows, {known.megabytes} MB to download")
    print_note(f"terms: {known.terms} {known.page}")
    if not yes:
        if not sys.stdin.isatty():
            raise RecipeError(f"the terms of {known.name} must be accepted", hint="accept them with --yes")
        click.confirm("Do you accept these terms?", abort=True, err=True)
    with _progress_bars() as progress:
        return fetch_dataset(known, folder, progress=progress)


@contextmanager
def _progress_bars() -> Iterator[DownloadProgress]:
    """A bar for each file, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _name, _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def progress(name: str, done: int, all_: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=all_)

        yield progress


def _print_datasets(known: dict[str, Dataset], as_json: bool) -> None:
    if not as_json:
        rows = [(one.name, one.rows, f"{one.megabytes} MB", one.about, one.terms) for one in known.values()]
        print_table(["name", "rows", "download", "about", "terms"], rows)
        return
    print_json(
        [
            {
                "name": one.name,
                "about": one.about,
                "rows": one.rows,
                "megabytes": one.megabytes,
                "classes": list(one.classes.values()),
                "terms": one.terms,
                "page": one.page,
                "cite": one.cite,
                "files": {file.name: [source.url for source in file.sources] for file in one.files},
            }
            for one in known.values()
        ]
    )
