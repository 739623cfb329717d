"""The page of conformance checks, from the table of checks."""

from __future__ import annotations

from itertools import groupby

from _generate.markdown import note
from zoo_core.components.kinds import KINDS
from zoo_core.testing import table as checks

HEAD = """# Conformance checks

`zoo plugins check NAME` runs every check below on every component of a plugin;
`zoo_core.testing.conformance` runs the same checks under pytest. [Write a plugin](../how-to/write-a-plugin.md) shows
both.

| result | meaning |
|---|---|
| `passed` | the check ran and the component satisfies it |
| `failed` | the component violates its contract; the message says how |
| `expected` | the check failed for a reason that PyTorch or the component's author declares |
| `skipped` | the check did not run; the message says why |

A component that cannot satisfy a check declares it, with the reason:

```python
expected_failures = (("gradient-is-correct", "the straight-through estimator is not a gradient"),)
```

The reason replaces the failure in the report. If the check passes nevertheless, the report says so.
"""
TITLES = {"": "Every kind"}


def page() -> str:
    """One section for each kind, and in it one for each check."""
    order = ["", *(kind.name for kind in KINDS)]
    parts = [note("conformance"), "", HEAD]
    for kind, group in groupby(
        sorted(checks(), key=lambda check: order.index(check.kind)), key=lambda check: check.kind
    ):
        parts.append(f"## {TITLES.get(kind, kind.capitalize())}\n")
        for check in group:
            reason = check.reason[0].upper() + check.reason[1:].rstrip(".")
            parts.append(f"### {kind or 'any'}-{check.id}\n\n{reason}.\n")
    return "\n".join(parts)
