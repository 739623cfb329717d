"""`zoo plugins check`: run the conformance checks on one plugin."""

from __future__ import annotations

from collections import Counter

import click

from zoo_cli.completion.lists import complete_plugin, complete_plugin_component, complete_plugin_kind
from zoo_cli.context import open_zoo_quietly
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table


@click.command("check", epilog="Example: zoo plugins check textbook --kind activation")
@click.argument("name", shell_complete=complete_plugin)
@click.option(
    "--kind",
    default="",
    metavar="KIND",
    shell_complete=complete_plugin_kind,
    help="Check only components of this kind.",
)
@click.option(
    "--component",
    default="",
    metavar="NAME",
    shell_complete=complete_plugin_component,
    help="Check only the component with this name.",
)
@plugin_option
@json_option
@click.pass_context
def check_plugin(ctx: click.Context, name: str, kind: str, component: str, as_json: bool) -> int:
    """Run the conformance checks on every component of the plugin NAME. Exits with 1 if a check fails.

    The table lists the checks that failed, were expected to fail or were skipped, with the reason.
    """
    from zoo_core.messages import pluralize
    from zoo_core.plugins.registry import find_kind
    from zoo_core.testing import cases

    if kind:
        find_kind(kind)
    rows = []
    for case in cases(name, kind=kind, name=component, zoo=open_zoo_quietly(ctx)):
        outcome = case.outcome()
        entry = case.entry
        rows.append([entry.kind, entry.name, case.check.id, outcome.state, outcome.reason, case.check.section])
    columns = ["kind", "component", "check", "state", "reason", "section"]
    counts = Counter(row[3] for row in rows)
    if as_json:
        states = {state: counts[state] for state in ("passed", "failed", "expected", "skipped")}
        print_json(
            {
                "run": len(rows) - counts["skipped"],
                **states,
                "checks": [dict(zip(columns, row, strict=True)) for row in rows],
            }
        )
    else:
        print_table(columns, [row for row in rows if row[3] != "passed" or row[4]])
        ran = pluralize(len(rows) - counts["skipped"], "check")
        print_note(
            f"{ran}: {counts['passed']} passed, {counts['failed']} failed, {counts['expected']} expected to fail; "
            f"{counts['skipped']} skipped"
        )
    return int(counts["failed"] > 0)
