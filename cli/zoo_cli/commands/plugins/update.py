"""`zoo plugins update`: bring the project of a plugin up to date with the templates of this version."""

from __future__ import annotations

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.scaffold.example_kinds import KINDS


@click.command("update", epilog="Example: zoo plugins update textzoo-mine --check")
@click.argument("folder", default=".", type=click.Path())
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Add an example of this kind (repeatable)."
)
@click.option("--dry-run", is_flag=True, help="Print what the update would do, and write nothing.")
@click.option("--check", "checks", is_flag=True, help="As --dry-run, but exit with 1 if the update would write a file.")
@json_option
def update_plugin(folder: str, kinds: tuple[str, ...], dry_run: bool, checks: bool, as_json: bool) -> int:
    """Update the project of a plugin, made by `zoo plugins new`, to the templates of this version of textzoo.

    FOLDER is the project's folder, by default the working folder. A file that you did not change is replaced. Your
    changes are merged with those of the template by git; your file is not touched if they conflict, or without git:
    the new text is then in FILE.new beside it, and the exit code is 1. A file that you deleted stays deleted.
    """
    from pathlib import Path

    from zoo_cli.scaffold.update import plan_update
    from zoo_core.messages import pluralize

    update = plan_update(Path(folder), kinds)
    is_written = update.is_needed and not (dry_run or checks)
    if is_written:
        update.write()
    rows = [[file.path, file.state, file.reason] for file in update.files]
    if as_json:
        files = [dict(zip(("file", "state", "reason"), row, strict=True)) for row in rows]
        print_json({"folder": folder, "needed": update.is_needed, "written": is_written, "files": files})
    elif rows:
        print_table(["file", "state", "reason"], rows)
    is_open = [file for file in update.files if file.is_open]
    if not update.is_needed:
        print_note("the project is up to date")
    elif not is_written:
        changed = sum(file.data is not None for file in update.files)
        print_note(f"{pluralize(changed, 'file')} would be written, and the record of the templates")
    elif is_open:
        print_note(f"{pluralize(len(is_open), 'file')} for you to merge: compare each with its .new, then delete that")
    else:
        print_note("updated (next: run the tests)")
    return int(update.is_needed if checks else bool(is_open) and is_written)
