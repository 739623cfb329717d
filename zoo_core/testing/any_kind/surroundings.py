"""Components depend on their settings and inputs only, for every kind: no global generator, clock or environment."""

from __future__ import annotations

import datetime
import os
import time
from functools import cache
from typing import Any

from zoo_core.testing.any_kind.calls import record_calls
from zoo_core.testing.any_kind.generators import generator_states, own_generators, seeding_functions
from zoo_core.testing.any_kind.process_settings import process_settings, usual_settings
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.exercises import run_exercise

DRAWS = ("activation", "model")  # kinds that may draw from torch's generator: initial weights, dropout
OWN_GENERATOR = "make one of its own, as torch.Generator(), np.random.default_rng(seed) or random.Random(seed)"


@register_check(
    "", "a component that seeds or draws from a global generator, or sets what all share, changes the results of others"
)
def leaves_global_generators_alone(subject: Subject) -> None:
    with own_generators(), usual_settings():
        before, settings = generator_states(), process_settings()
        with record_calls(subject.entry.cls, seeding_functions()) as seeding:
            run_exercise(subject)
        after, changed = generator_states(), process_settings()
    others = [name for name, value in settings.items() if changed[name] != value]
    assert not others, f"it changes {' and '.join(others)}, from {settings[others[0]]} to {changed[others[0]]}"
    assert not seeding, f"it calls {' and '.join(seeding)}: the seed is that of the run, or of a generator of its own"
    for name, state in before.items():
        is_allowed = name == "torch" and subject.entry.kind in DRAWS
        what = f"it seeds the global generator of {name}, or draws from it"
        assert is_allowed or after[name] == state, f"{what}: {OWN_GENERATOR}"


@register_check("", "a run must be repeatable from its recipe and data, at another time and on another machine")
def reads_no_clock_or_environment(subject: Subject) -> None:
    with own_generators(), record_calls(subject.entry.cls, _functions()) as calls:
        run_exercise(subject)
    what = f"it reads {' and '.join(calls)}"
    assert not calls, f"{what}: its results may depend on its settings and inputs only"


@cache
def _functions() -> dict[Any, str]:
    """The functions that read a clock, the environment or the working folder, and what they read."""
    of_environment: list[Any] = [
        os.getenv,
        type(os.environ).__getitem__,
        type(os.environ).__iter__,
    ]
    clocks = [time.time, time.time_ns, time.localtime, time.gmtime, time.ctime, time.strftime, time.asctime]
    return {
        **{function.__code__: "an environment variable" for function in of_environment},
        **dict.fromkeys(clocks, "the clock"),
        **dict.fromkeys((datetime.datetime.now, datetime.datetime.utcnow, datetime.date.today), "the clock"),
        os.getcwd: "the working folder",
        os.getcwdb: "the working folder",
    }
