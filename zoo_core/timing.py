"""The seconds of each stage of a run."""

from __future__ import annotations

import time

from attrs import define, field


@define
class Stopwatch:
    """Seconds of each stage, in order; a repeated stage is added to.

    >>> stopwatch = Stopwatch()
    >>> stopwatch.lap("read")
    >>> list(stopwatch.laps)
    ['read']
    """

    laps: dict[str, float] = field(factory=dict)
    _last: float = field(factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """Add the time since the last lap, or since the start, to a stage."""
        now = time.perf_counter()
        self.laps[stage] = self.laps.get(stage, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """The seconds of every stage and their total, rounded to 0.1 ms."""
        return {name: round(value, 4) for name, value in {**self.laps, "total": sum(self.laps.values())}.items()}
