"""Write docs/conformance.md from the table of checks: run it after a change of the table."""

from __future__ import annotations

from pathlib import Path

from zoo_core.testing import table

PAGE = Path(__file__).parent / "conformance.md"
HEAD = """# The conformance kit

`zoo plugins check NAME` tries every promise below on every component of a plugin, `zoo_core.testing.conformance` does
so under pytest. A check that ran and held is `passed`; `failed` says what is broken; `expected` is a failure that torch
or the component's author accounts for; `skipped` did not run, and says why. Nothing else is green.

A component that cannot keep a promise says so, with the reason, which is shown in place of the failure; where the check
passes all the same, that is said:

```python
waives = (("gradient-is-right", "the straight-through estimator is no gradient"),)
```

This page is written by `docs/conformance.py`.
"""


def page() -> str:
    """The page: one section for each check."""
    sections = [f"## {one.section.partition('#')[2]}\n\n{one.reason[0].upper()}{one.reason[1:]}.\n" for one in table()]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
