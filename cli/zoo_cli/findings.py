"""Findings of a training or an evaluation, as lines on standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_cli.output import print_note, print_warning

if TYPE_CHECKING:
    from zoo_core.data.findings import Finding


def print_findings(findings: Sequence[Finding]) -> None:
    """Print each finding on a line: a note as it is, anything more serious as a warning."""
    for finding in findings:
        if finding.severity == "note":
            print_note(str(finding))
        else:
            print_warning(str(finding))
