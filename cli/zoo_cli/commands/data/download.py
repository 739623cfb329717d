"""`zoo data download`: download public data sets, verify them and write each as one table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from zoo_cli.commands.data.output import print_written_frame, write_frame
from zoo_cli.completion.lists import complete_dataset
from zoo_cli.options import formulas_option, json_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.output_file import LABELED_FORMATS, check_output, force_option, format_option, resolve_format
from zoo_cli.streams import write_out

if TYPE_CHECKING:
    from pathlib import Path

    from zoo_core.data.download.catalogue import Dataset
    from zoo_core.data.download.fetch import DownloadProgress


@click.command("download", epilog="Example: zoo data download ag-news --yes -o ag-news.csv")
@click.argument("name", required=False, shell_complete=complete_dataset)
@click.option("-o", "--output", metavar="FILE", help="Output file; - is standard output. Default: NAME.csv.")
@click.option("--yes", is_flag=True, help="Accept the terms without a prompt.")
@click.option("--list", "listed", is_flag=True, help="List the available data sets.")
@format_option(LABELED_FORMATS)
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
    dataset = find_dataset(name)
    output = output or f"{name}.csv"
    check_output(output)
    form = resolve_format(output, form, as_json)
    from zoo_core.data.files.writer import output_format

    output_format("" if output == "-" else output, form)  # rejects an unknown format before the download
    paths = _fetch_files(dataset, yes)
    frame = build_table(dataset, paths)
    texts = [column for column in frame.columns if column not in (dataset.label, "split")]
    write_frame(frame, output, form, label=dataset.label, text=texts[-1], escaped=escape_formulas)
    if as_json:
        print_written_frame(frame, output, name=name, files={file: str(path) for file, path in paths.items()})
    elif output != "-":
        print_note(f"{frame.height} rows: {', '.join(frame.columns)}; {dataset.cite}")
        write_out(output)


def _fetch_files(dataset: Dataset, accept_terms: bool) -> dict[str, Path]:
    """The files of a data set, from the cache or downloaded after the terms are accepted."""
    from zoo_core.data.download.fetch import cache_folder, cached_files, fetch_dataset
    from zoo_core.errors import RecipeError

    folder = cache_folder()
    cached = cached_files(dataset, folder)
    if len(cached) == len(dataset.files):
        print_note(f"{dataset.name}: cached in {folder / dataset.name}")
        return cached
    print_note(f"{dataset.name}: {dataset.about}; {dataset.rows} rows, {dataset.megabytes} MB to download")
    print_note(f"terms: {dataset.terms} {dataset.page}")
    if not accept_terms:
        if not sys.stdin.isatty():
            raise RecipeError(f"the terms of {dataset.name} must be accepted", hint="accept them with --yes")
        click.confirm("Do you accept these terms?", abort=True, err=True)
    with _progress_bars() as progress:
        return fetch_dataset(dataset, folder, progress=progress)


@contextmanager
def _progress_bars() -> Iterator[DownloadProgress]:
    """Show a progress bar for each file if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _name, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from zoo_cli.terminal_streams import styled_stream

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(file=styled_stream(sys.stderr)), transient=True) as bars:
        tasks = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total)

        yield progress


def _print_datasets(catalogue: dict[str, Dataset], as_json: bool) -> None:
    datasets = list(catalogue.values())
    if not as_json:
        rows = [(data.name, data.rows, f"{data.megabytes} MB", data.about, data.terms) for data in datasets]
        print_table(["name", "rows", "download", "about", "terms"], rows)
        return
    print_json(
        [
            {
                "name": data.name,
                "about": data.about,
                "rows": data.rows,
                "megabytes": data.megabytes,
                "classes": list(data.classes.values()),
                "terms": data.terms,
                "page": data.page,
                "cite": data.cite,
                "files": {file.name: [source.url for source in file.sources] for file in data.files},
            }
            for data in datasets
        ]
    )
