"""The page of conformance checks, from the table of checks."""

from __future__ import annotations

from itertools import groupby

from _generate.markdown import note
from zoo_core.components.kinds import KINDS
from zoo_core.testing import table as checks
from zoo_core.testing.checks import PART_KINDS
from zoo_core.testing.input_sets import input_sets

HEAD = """# Conformance checks

`zoo plugins check NAME` runs every check below on all that a plugin provides: components, recipes, commands and
listeners. `zoo_core.testing.conformance` runs the same checks under pytest. [Write a
plugin](../how-to/write-a-plugin.md) shows both. `--check ID` runs one check, `--skip ID` leaves one out, and `--quick`
leaves out those that are marked as slow here: they train, compile, export, or start another process.

| result | meaning |
|---|---|
| `passed` | the check ran and the component satisfies it |
| `failed` | the component violates its contract; the message says how |
| `warning` | as `failed`, of a check that came with the running version: it fails from the next version on |
| `expected` | the check failed for a reason that PyTorch or the component's author declares |
| `skipped` | the check did not run; the message says why |

A component that cannot satisfy a check declares it, with the reason:

```python
expected_failures = (("gradient-is-correct", "the straight-through estimator is not a gradient"),)
```

The reason replaces the failure in the report. If the check passes nevertheless, the report says so. A setting that
changes nothing that a check can see says why: `setting(64, "rows at once", no_effect="only the speed changes")`.

## Inputs

The checks use these named sets of inputs. A change of the inputs is a new version, which the changelog names.

| inputs | version | what is in them |
|---|---|---|
{inputs}
"""
TITLES = {"": "Every kind"}


def page() -> str:
    """One section for each kind, and in it one for each check."""
    order = ["", *(kind.name for kind in KINDS), *PART_KINDS]
    checks()  # imports the kit, and with it the sets of inputs
    inputs = "\n".join(f"| {one.name} | {one.version} | {', '.join(one.makers)} |" for one in input_sets())
    parts = [note("conformance"), "", HEAD.replace("{inputs}", inputs)]
    for kind, group in groupby(
        sorted(checks(), key=lambda check: order.index(check.kind)), key=lambda check: check.kind
    ):
        parts.append(f"## {TITLES.get(kind, kind.capitalize())}\n")
        for check in group:
            reason = check.reason[0].upper() + check.reason[1:].rstrip(".")
            slow = " This check is slow." if check.slow else ""
            parts.append(f"### {kind or 'any'}-{check.id}\n\n{reason}.{slow}\n")
    return "\n".join(parts)
