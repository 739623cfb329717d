"""Components give the same result twice, whatever ran before, for every kind of component."""

from __future__ import annotations

from attrs import evolve

from zoo_core.config.structure import build_component, unstructure
from zoo_core.testing.any_kind.other_settings import with_other_settings
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.differences import copy_result
from zoo_core.testing.exercises import exercise, observe

OTHERS = 2  # components with other settings that are used in between


@register_check("", "the same settings, inputs and seed must give the same result, whatever ran before")
def same_twice(subject: Subject) -> None:
    first = copy_result(exercise(subject))
    assert_equal(observe(subject), first, "used a second time, it gives another result")
    for other in with_other_settings(subject, OTHERS):
        observe(other)
    what = "after one with other settings was used, it gives another result"
    assert_equal(observe(subject), first, what)
    raw = {**unstructure(subject.component), "use": subject.entry.qualified_name}
    rebuilt = build_component(subject.registry, subject.entry.kind, raw)
    assert_equal(
        observe(evolve(subject, component=rebuilt)), first, "another one with the same settings gives another result"
    )
