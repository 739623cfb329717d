"""Readers with a planted fault in where they say that rows end."""

from __future__ import annotations

from tests.contracts.faulty import faulty
from zoo_textbook.readers import CSV, Lines
from zoo_textbook.records import JSONLines

FAULTS = [
    (
        "pieces-are-the-whole",
        "cuts inside quotes",
        faulty(CSV, whole=lambda self, data: (data.find(b"\n") + 1, data.rfind(b"\n") + 1)),
    ),
    (
        "pieces-are-the-whole",
        "forgets the keys",
        faulty(JSONLines, whole=lambda self, data: (0, data.rfind(b"\n") + 1)),
    ),
    ("pieces-are-the-whole", "cuts inside a line", faulty(Lines, whole=lambda self, data: (0, len(data)))),
    ("pieces-are-the-whole", "knows no lines", faulty(Lines, line=lambda self, stream, row: 0)),
]
