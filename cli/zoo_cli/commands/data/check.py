"""`zoo data check`: the contents of a file and problems in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from zoo_cli.commands.data.output import checked_files, print_guesses
from zoo_cli.context import open_zoo_for
from zoo_cli.options import columns_option, data_files, data_options, json_option
from zoo_cli.output import MIN_COLUMNS, print_json, print_table
from zoo_cli.streams import data_stream, terminal_columns, write_out
from zoo_cli.typed.numbers import IntegerRange, NumberRange

if TYPE_CHECKING:
    from zoo_core.components.table import Table
    from zoo_core.data.audit.label_set_checks import LabelSetStatistics
    from zoo_core.data.audit.report import AuditReport
    from zoo_core.data.findings import Finding
    from zoo_core.data.task_detection import TaskColumns

MAX_LABELS = 20  # labels in the table
SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "note": ""}
WIDE_COLUMNS = 100  # of a terminal whose table of findings has room for examples
SNIPPET_LENGTH = 60  # characters of an example text


@click.command("check", epilog="Example: zoo data check reviews.csv --text review --strict")
@data_files
@click.option("--strict", is_flag=True, help="Exit with 3 if a warning or an error is found.")
@click.option(
    "--similarity",
    type=NumberRange(0.5, 1),
    default=0.8,
    show_default=True,
    help="Jaccard similarity from which two texts are near-duplicates; 1 turns the search off.",
)
@click.option(
    "--seed", type=IntegerRange(0), default=0, show_default=True, help="Seed of the search for near-duplicates."
)
@columns_option
@data_options
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[str, ...],
    strict: bool,
    similarity: float,
    seed: int,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Describe FILE (- is standard input; several files are read as one table) and report data problems that would
    harm training or bias a test. An error stops training or makes its result worthless, a warning spoils the result, a
    note is worth knowing. If the file fits no task, its columns are guessed.

    The similarity of two texts is the Jaccard similarity of their sets of word pairs, after normalization.
    """
    from zoo_core.data.audit.report import audit_table
    from zoo_core.data.files.line_numbers import has_bom, line_numbers
    from zoo_core.data.files.reading import read_table
    from zoo_core.data.task_detection import find_task_columns, given_choice, given_reader
    from zoo_core.errors import DataError
    from zoo_core.messages import pluralize

    zoo = open_zoo_for(ctx)
    table = read_table(files, zoo.registry, reader=given_reader(zoo, settings), choose=given_choice(zoo, settings))
    columns = find_task_columns(table, zoo, settings)
    print_guesses(columns.guessed)
    report = audit_table(
        table,
        columns,
        similarity=similarity,
        seed=seed,
        has_bom=any(map(has_bom, table.files())),
        files=checked_files(table, columns, settings, zoo),
    )
    rows = [row for finding in report.findings for row in (*finding.rows, *finding.related_rows)]
    lines = dict(line_numbers(table, rows))
    if as_json:
        print_json(_report_to_dict(table, columns, report, lines))
    else:
        _print_report(table, columns, report, lines)
    serious = [finding for finding in report.findings if finding.severity != "note"]
    if strict and serious:
        raise DataError(f"{pluralize(len(serious), 'problem')} found", where=table.source)


def _report_to_dict(table: Table, columns: TaskColumns, report: AuditReport, lines: dict[int, int]) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "source": table.source,
        "sha256": table.sha256,
        "task": columns.task.name,
        "guessed": {key: list(names) for key, names in columns.guessed.items()},
        "dropped": dict(columns.dropped),
        "rows": report.rows,
        "columns": report.columns,
        "labels": report.labels,
        "label_sets": None if report.label_sets is None else attrs.asdict(report.label_sets),
        "splits": report.splits,
        "lengths": report.lengths,
        "findings": [
            {
                **finding.to_dict(),
                "advice": finding.advice,
                "examples": [
                    {
                        **_location(row, lines),
                        **({"of": _location(related, lines)} if related else {}),
                        "text": columns.texts[row - 1],
                    }
                    for row, related in zip(finding.rows, finding.related_rows or [0] * len(finding.rows), strict=True)
                ],
            }
            for finding in report.findings
        ],
    }


def _location(row: int, lines: dict[int, int]) -> dict[str, int]:
    return {"row": row, "line": lines[row]} if row in lines else {"row": row}


def _print_report(table: Table, columns: TaskColumns, report: AuditReport, lines: dict[int, int]) -> None:
    """Print the report as tables: properties, labels, lengths, findings."""
    from zoo_core.messages import escape_control_chars, join_names

    properties = [("file", table.source), ("rows", report.rows), ("columns", ", ".join(report.columns))]
    if table.unread:
        names = join_names(f"{name} ({dtype})" for name, dtype in table.unread.items())
        properties.append(("not read", names))
    properties += [("task", columns.task.name), ("classes", len(report.labels))]
    if report.label_sets is not None:
        properties += _describe_label_sets(report.label_sets)
    properties += [("splits", ", ".join(f"{count} {name}" for name, count in report.splits.items()) or "none")]
    print_table(["property", "value"], properties)
    write_out()
    _print_labels(report)
    write_out()
    headers = list(next(iter(report.lengths.values())))
    lengths = [(name, *(f"{values[key]:.0f}" for key in headers)) for name, values in report.lengths.items()]
    print_table(["length in", *headers], lengths)
    write_out()
    if not report.findings:
        write_out("no problems found")
        return
    is_narrow = data_stream().isatty() and terminal_columns() < WIDE_COLUMNS
    examples = {id(finding): _first_example(finding, columns, lines) for finding in report.findings}
    findings = [
        (finding.severity, finding.check, finding.count, finding.message, *([] if is_narrow else examples[id(finding)]))
        for finding in report.findings
    ]
    styles = [SEVERITY_STYLES[finding.severity] for finding in report.findings]
    headers = ["severity", "finding", "count", "message", *([] if is_narrow else ["first", "text"])]
    print_table(headers, findings, styles, optional=["text", "first"])
    write_out()
    checks_by_advice: dict[tuple[str, str], dict[str, str]] = {}
    for finding in report.findings:
        first = ": ".join(filter(None, examples[id(finding)]))
        checks_by_advice.setdefault((finding.consequence, finding.hint), {}).setdefault(finding.check, first)
    for (consequence, hint), checks in checks_by_advice.items():
        _print_folded(f"{', '.join(checks)}: {consequence}")
        write_out(escape_control_chars(f"  hint: {hint}"))  # not folded: what is to be typed can be pasted
        for first in filter(None, checks.values() if is_narrow else ()):
            _print_folded(f"  first: {first}")


def _describe_label_sets(sets: LabelSetStatistics) -> list[tuple[str, str]]:
    """The properties of rows with any number of labels."""
    numbers = f"{sets.cardinality:.2f} on average, {sets.fewest} to {sets.most}"
    return [("labels of a row", f"{numbers}; density {sets.density:.3f}"), ("different sets", str(sets.distinct_sets))]


def _print_folded(line: str) -> None:
    """Print a line, which a terminal gets folded to its width."""
    from zoo_cli.table_layout import fold_text
    from zoo_core.messages import escape_control_chars

    line = escape_control_chars(line)
    folded = fold_text(line, max(terminal_columns(), MIN_COLUMNS) - 4) if data_stream().isatty() else [line]
    for number, part in enumerate(folded):
        write_out(f"{'    ' if number else ''}{part}")


def _print_labels(report: AuditReport) -> None:
    """Print the labels with their shares; of more than MAX_LABELS, the most frequent ones."""
    total = sum(report.labels.values()) if report.label_sets is None else report.rows
    labels = list(report.labels.items())
    if len(labels) > MAX_LABELS:
        labels = sorted(labels, key=lambda item: -item[1])[:MAX_LABELS]
    rows = [(label, count, f"{count / total:.1%}") for label, count in labels]
    if len(report.labels) > MAX_LABELS:
        rest = sum(report.labels.values()) - sum(count for _, count in labels)
        rows.append((f"and {len(report.labels) - MAX_LABELS} more", rest, f"{rest / total:.1%}"))
    print_table(["label", "rows", "share"], rows)


def _first_example(finding: Finding, columns: TaskColumns, lines: dict[int, int]) -> tuple[str, str]:
    """The location of the first example of a finding, and the beginning of its text."""
    if not finding.rows:
        return "", ""

    def format_location(row: int) -> str:
        return f"line {lines[row]}" if row in lines else f"row {row}"

    location = format_location(finding.rows[0])
    if finding.related_rows:
        location += f" and {format_location(finding.related_rows[0])}"
    text = columns.task.show(columns.texts[finding.rows[0] - 1])
    return location, text[:SNIPPET_LENGTH] + ("…" if len(text) > SNIPPET_LENGTH else "")
