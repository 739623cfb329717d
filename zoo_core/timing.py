"""Where the time of a run goes."""

from __future__ import annotations

import time

from attrs import define, field


@define
class Stopwatch:
    """Seconds of each stage, in order; a stage that is entered again is added to.

    >>> clock = Clock()
    >>> clock.lap("read")
    >>> list(clock.laps)
    ['read']
    """

    laps: dict[str, float] = field(factory=dict)
    _last: float = field(factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """What was done since the last lap, or since the clock was made, was this stage."""
        now = time.perf_counter()
        self.laps[stage] = self.laps.get(stage, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Every stage and their total, to a tenth of a millisecond."""
        return {name: round(value, 4) for name, value in {**self.laps, "total": sum(self.laps.values())}.items()}
