"""Files that commands write: an existing one is refused without `--force`, in every command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zoo_cli.completion.lists import complete_columns, complete_format
from zoo_cli.output import print_json
from zoo_cli.streams import write_out

if TYPE_CHECKING:
    from zoo_core.data.files.writer import OutputFormat

Command = TypeVar("Command", bound=Callable[..., Any])
TABLE_FORMATS = "csv, tsv, jsonl, json, parquet or arrow"
LABELED_FORMATS = "csv, tsv, jsonl, json, parquet, arrow or fasttext"  # of texts with their labels alone
FORCE_KEY = "zoo_cli.force"  # in click's `Context.meta`: an existing file may be overwritten


def _allow_overwriting(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    ctx.meta[FORCE_KEY] = value


force_option = click.option(
    "--force", is_flag=True, expose_value=False, callback=_allow_overwriting, help="Overwrite an existing file."
)


def format_option(formats: str = TABLE_FORMATS) -> Callable[[Command], Command]:
    """The option `--format` of a command that writes a table: the parameter `form`."""
    return click.option(
        "--format",
        "form",
        default="",
        metavar="FORMAT",
        shell_complete=complete_format,
        help=f"Output format: {formats}, optionally compressed as in jsonl.gz (.gz, .zst, .xz). Default: from the "
        "suffix of the output file, or csv.",
    )


def kept_rows_options(command: Command) -> Command:
    """Add the options of a command that writes rows of a file beside its own columns: where to, and which columns."""
    columns = click.option(
        "--columns",
        multiple=True,
        metavar="NAMES",
        shell_complete=complete_columns,
        help="Columns of the file to keep: all (the default), none, or names with commas.",
    )
    output = click.option("--output", "-o", default="-", metavar="FILE", help="Output file; - is standard output.")
    return output(format_option()(force_option(columns(command))))


def table_format(output: str, form: str, what: str) -> OutputFormat:
    """The format of a table of `what`. Raises RecipeError for fastText files, which have texts and labels only."""
    from zoo_core.data.files.writer import output_format
    from zoo_core.errors import RecipeError

    file_format = output_format("" if output == "-" else output, form)
    if file_format.name == "fasttext":
        raise RecipeError(f"fastText files cannot store {what}", hint="use --format csv, or a file name in .csv")
    return file_format


def is_forced() -> bool:
    """Whether the command has the option `--force`."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(FORCE_KEY))


def check_output(output: str, inputs: Iterable[str] = ()) -> None:
    """Raise RecipeError if the output file exists, unless there is `--force`, or if it is one of the inputs.

    Raises InputOutputError if it cannot be written: before the work whose result it will hold.
    """
    from zoo_core.errors import RecipeError
    from zoo_core.filesystem import outputs

    outputs.check_output(output, inputs)
    exists = output != "-" and os.path.lexists(output) and (Path(output).is_file() or Path(output).is_symlink())
    if exists and not is_forced():
        raise RecipeError(f"{output} already exists", hint="choose another name, or overwrite it with --force")


def resolve_format(output: str, form: str, as_json: bool) -> str:
    """The output format: on standard output, `--json` is short for `--format json`."""
    if as_json and output == "-" and form:
        raise click.UsageError("use only one of --json and --format")
    return "json" if as_json and output == "-" else form


def write_text(text: str, output: str) -> None:
    """Write a text to standard output, or to a file that `check_output` has checked."""
    if output == "-":
        write_out(text, nl=False)
        return
    from zoo_core.filesystem.writing import atomic_write

    with atomic_write(output) as stream:
        stream.write(text.encode())


def print_written(output: str, **facts: Any) -> None:
    """Print what was written where, as one JSON object."""
    print_json({"output": output, **facts})
