"""Findings of a training or an evaluation, as lines on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zoo_cli.output import print_note, print_warning

if TYPE_CHECKING:
    from zoo_core.data.findings import Finding


def print_dropped(dropped: Mapping[str, int], rare: Mapping[str, Any], *, before: str = "  ") -> None:
    """Print how many rows were dropped, by reason, and how many of rare classes were merged, each after `before`."""
    from zoo_core.messages import join_names, pluralize

    for reason, rows in dropped.items():
        print_note(f"{before}{pluralize(rows, 'row')} dropped: {reason}")
    if rare.get("merged_into") and rare["rows"]:
        count, names = pluralize(sum(rare["rows"].values()), "row"), join_names(rare["rows"])
        print_note(f'{before}{count} of rare classes merged into the class "{rare["merged_into"]}": {names}')


def print_findings(findings: Sequence[Finding]) -> None:
    """Print each finding on a line: a note as it is, anything more serious as a warning."""
    for finding in findings:
        if finding.severity == "note":
            print_note(str(finding))
        else:
            print_warning(str(finding))


def print_model_changes(changes: Sequence[Mapping[str, Any]]) -> None:
    """Print a line for each plugin that changed the model, with what it did, and how many times if more than once."""
    texts: dict[str, list[str]] = {}
    for change in changes:
        count = f" ({change['times']} times)" if change["times"] > 1 else ""
        texts.setdefault(change["plugin"], []).append(change["change"] + count)
    for plugin, parts in texts.items():
        print_note(f'plugin "{plugin}" changed the model: {"; ".join(dict.fromkeys(parts))}')
