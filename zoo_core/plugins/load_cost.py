"""What loading a plugin costs every command: seconds, and the large libraries that it imports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from attrs import define, field

LARGE_LIBRARIES = ("torch", "polars")  # which list, show, check and completion do without
SLOW_SECONDS = 0.2


@define
class LoadCost:
    """The seconds that importing a plugin and calling its hooks took, and the libraries that were imported by it.

    What two plugins import counts for the first.
    """

    seconds: float = 0.0
    libraries: list[str] = field(factory=list)

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Add what happens inside."""
        before = {name for name in LARGE_LIBRARIES if name in sys.modules}
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds += perf_counter() - start
            self.libraries += [name for name in LARGE_LIBRARIES if name in sys.modules and name not in before]

    @property
    def complaint(self) -> str:
        """What slows every command down; "" for a plugin that is quick to load."""
        libraries = " and ".join(self.libraries)
        if not libraries and self.seconds <= SLOW_SECONDS:
            return ""
        imports = f" and imports {libraries}" if libraries else ""
        remedy = f"import {libraries} inside functions" if libraries else "import what is slow inside functions"
        return f"loading it takes {self.seconds:.2f} s{imports} in every command (hint: {remedy})"
