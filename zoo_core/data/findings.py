"""Findings: what a check of data or of a training noticed, how serious it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from attrs import frozen

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")  # the most serious first


@frozen
class Finding:
    """What a check noticed: its name, a message, what follows from it, and a hint of what to do.

    A note is worth knowing, a warning spoils results, an error stops a training or makes its result worthless. Findings
    of data count the rows that have them; `rows` are the first ones (from 1). If a row has the problem because of
    another row, `related_rows` has that one for each of `rows`.
    """

    check: str
    message: str
    severity: Severity = "warning"
    hint: str = ""
    count: int = 1
    rows: Sequence[int] = ()
    related_rows: Sequence[int] = ()
    consequence: str = ""

    @property
    def advice(self) -> str:
        """What follows from the finding, and what to do about it, as one line."""
        return "; ".join(filter(None, [self.consequence, self.hint]))

    def to_dict(self) -> dict[str, Any]:
        """The check, severity, message, hint and count, as JSON values."""
        return {key: getattr(self, key) for key in ("check", "severity", "message", "hint", "count")}

    def __str__(self) -> str:
        return f"{self.message} (hint: {self.hint})" if self.hint else self.message


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """Findings, the most serious first, otherwise in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
