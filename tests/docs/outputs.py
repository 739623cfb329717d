"""Compare the output that a page shows with the output of its command."""

from __future__ import annotations

import re

NUMBER = re.compile(r"[-+]?\d+\.\d+")
SECONDS = re.compile(r"^seconds: .*$", re.MULTILINE)
TOLERANCE = 0.03  # other machines and other versions of torch round differently


def matches(expected: str, actual: str) -> bool:
    """Whether an output is what a page shows.

    `…` stands for any text, alone on a line for any lines. Decimal numbers may differ by `TOLERANCE`, seconds by
    anything, and runs of spaces are equal to one space.
    """
    shown, printed = _normalize(expected), _normalize(actual)
    pattern, values = "", []
    for piece in re.split(rf"(…|{NUMBER.pattern})", shown):
        if piece == "…":
            pattern += ".*?"
        elif NUMBER.fullmatch(piece):
            pattern += rf"({NUMBER.pattern})"
            values.append(float(piece))
        else:
            pattern += re.escape(piece)
    found = re.fullmatch(pattern, printed, re.DOTALL)
    return found is not None and all(
        abs(float(text) - value) <= TOLERANCE * max(1.0, abs(value))
        for text, value in zip(found.groups(), values, strict=True)
    )


def _normalize(text: str) -> str:
    lines = [re.sub(r"\s+", " ", line).strip() for line in SECONDS.sub("seconds: …", text).strip().splitlines()]
    return "\n".join(lines).replace("seconds: …", "seconds: ")
