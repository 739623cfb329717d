"""`zoo plugins check`: run the conformance checks on one plugin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from zoo_cli.completion.checks import complete_check
from zoo_cli.completion.lists import complete_plugin, complete_plugin_component, complete_plugin_kind
from zoo_cli.context import open_zoo_quietly
from zoo_cli.options import json_option, plugin_option
from zoo_cli.output import print_json, print_note, print_table
from zoo_cli.streams import data_stream, terminal_columns, write_out

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.testing.cases import Case, CheckOutcome, State
    from zoo_core.testing.import_time import ImportTime

    Result = tuple[Case, CheckOutcome]

STATES: tuple[State, ...] = ("failed", "warning", "expected", "skipped", "passed")  # what is wrong comes first
COLUMNS = ("state", "kind", "component", "check", "seconds", "reason", "section")


@click.command("check", epilog="Example: zoo plugins check textbook --component relu --quick")
@click.argument("name", shell_complete=complete_plugin)
@click.option(
    "--kind",
    default="",
    metavar="KIND",
    shell_complete=complete_plugin_kind,
    help="Check only this kind: of component, or recipe, command, listener.",
)
@click.option(
    "--component",
    default="",
    metavar="NAME",
    shell_complete=complete_plugin_component,
    help="Check only the component, recipe or command with this name.",
)
@click.option(
    "--check",
    "chosen",
    multiple=True,
    metavar="ID",
    shell_complete=complete_check,
    help="Run only this check (repeatable).",
)
@click.option(
    "--skip", "skipped", multiple=True, metavar="ID", shell_complete=complete_check, help="Skip a check (repeatable)."
)
@click.option("--quick", is_flag=True, help="Skip slow checks: training, compilation, export, other processes.")
@plugin_option
@json_option
@click.pass_context
def check_plugin(
    ctx: click.Context,
    name: str,
    kind: str,
    component: str,
    chosen: tuple[str, ...],
    skipped: tuple[str, ...],
    quick: bool,
    as_json: bool,
) -> int:
    """Run the conformance checks on all that the plugin NAME provides. Exits with 1 if a check fails.

    Components, recipes, commands and listeners are checked. The checks that did not pass are printed with the reason,
    failures first.
    """
    from zoo_cli.main import COMMANDS
    from zoo_core.plugins.registry import find_kind
    from zoo_core.testing.checks import PART_KINDS
    from zoo_core.testing.collection import cases, select_cases

    if kind:
        kind = kind if kind in PART_KINDS else find_kind(kind, also=PART_KINDS).name
    zoo = open_zoo_quietly(ctx)
    found = cases(name, kind=kind, name=component, zoo=zoo, reserved=COMMANDS)
    selected = select_cases(found, only=chosen, without=skipped, quick=quick)
    results = [(case, case.outcome()) for case in selected]
    results.sort(key=lambda result: STATES.index(result[1].state))
    imported = _measure_import(zoo, name)
    if as_json:
        _print_json(results, imported)
    else:
        _print_results(results)
        _print_summary(results, len(found) - len(selected), imported)
    return int(any(outcome.state == "failed" for _, outcome in results))


def _measure_import(zoo: Zoo, name: str) -> ImportTime | None:
    from zoo_core.testing.import_time import measure_import

    return next((measure_import(source) for source, _ in zoo.plugins.loaded if source.plugin == name), None)


def _row(case: Case, outcome: CheckOutcome) -> list[str]:
    seconds = f"{outcome.seconds:.2f}"
    return [outcome.state, case.kind, case.name, case.check.id, seconds, outcome.reason, case.check.section]


def _print_results(results: Sequence[Result]) -> None:
    """Print what did not pass: a table in a pipe; on a terminal each failure in full, then a table of the others."""
    from zoo_core.messages import escape_control_chars

    shown = [result for result in results if result[1].state != "passed" or result[1].reason]
    if not data_stream().isatty():
        print_table(COLUMNS, [_row(*result) for result in shown])
        return
    wrong = [result for result in shown if result[1].state in ("failed", "warning")]
    for case, outcome in wrong:
        write_out(escape_control_chars(f"{outcome.state}: {case.kind} {case.name}: {case.check.id}"))
        for text in (outcome.reason, f"see {case.check.section}"):
            write_out(click.wrap_text(escape_control_chars(text), terminal_columns(), "    ", "    "))
        write_out("")
    rest = [_row(*result) for result in shown if result not in wrong]
    if rest:
        print_table(COLUMNS[:4] + COLUMNS[5:6], [row[:4] + row[5:6] for row in rest])


def _print_summary(results: Sequence[Result], left_out: int, imported: ImportTime | None) -> None:
    from zoo_core.messages import pluralize

    counts = Counter(outcome.state for _, outcome in results)
    ran = pluralize(len(results) - counts["skipped"], "check")
    warned = f"{pluralize(counts['warning'], 'warning')}, " if counts["warning"] else ""
    others = f", {left_out} left out" if left_out else ""
    print_note(
        f"{ran}: {counts['passed']} passed, {counts['failed']} failed, {warned}{counts['expected']} expected to fail; "
        f"{counts['skipped']} skipped{others}"
    )
    total, slow = _seconds(results)
    print_note(f"{total:.1f} s" + (f", {slow:.1f} s of them in slow checks, which --quick skips" if slow else ""))
    if imported is not None:
        loads = "loads torch: import it inside of methods" if imported.loads_torch else "does not load torch"
        print_note(f"importing the plugin takes {imported.seconds:.2f} s and {loads}")


def _seconds(results: Sequence[Result]) -> tuple[float, float]:
    """The seconds of all checks, and of the slow ones."""
    slow = sum(outcome.seconds for case, outcome in results if case.check.slow)
    return sum(outcome.seconds for _, outcome in results), slow


def _print_json(results: Sequence[Result], imported: ImportTime | None) -> None:
    counts = Counter(outcome.state for _, outcome in results)
    total, slow = _seconds(results)
    checks = [
        dict(zip(COLUMNS, _row(case, outcome), strict=True))
        | {"seconds": round(outcome.seconds, 3), "slow": case.check.slow, "since": case.check.since}
        for case, outcome in results
    ]
    print_json(
        {
            "run": len(results) - counts["skipped"],
            **{state: counts[state] for state in STATES},
            "seconds": round(total, 3),
            "slow_seconds": round(slow, 3),
            "import": imported and {"seconds": round(imported.seconds, 3), "loads_torch": imported.loads_torch},
            "checks": checks,
        }
    )
