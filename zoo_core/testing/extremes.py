"""Checks of numeric settings at their extremes, for every kind of component."""

from __future__ import annotations

import contextlib
import io
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, cast, get_args, get_origin

import attrs
from attrs import evolve
from torch import nn

from zoo_core.components.contracts import Model, Reader, Vectorizer, Weighting
from zoo_core.components.fields import is_slot, validators_of
from zoo_core.components.kinds import setting_fields
from zoo_core.components.validators import Bounds
from zoo_core.config.structure import build_component
from zoo_core.errors import RecipeError, ZooError
from zoo_core.features.tokens import tokenize_column
from zoo_core.plugins.attribution import find_resource_error
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.testing.activations import build_activation
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import WIDTH, make_features, make_scores, training_inputs
from zoo_core.testing.losses import build_loss, make_loss_inputs
from zoo_core.testing.metrics import compute_on_predictions
from zoo_core.testing.optimizers import minimize_steps
from zoo_core.testing.readers import SMALL_FILES
from zoo_core.testing.schedulers import ScheduledTraining
from zoo_core.testing.tasks import make_task_table
from zoo_core.testing.weightings import make_counts
from zoo_core.training.model_memory import parameter_bytes

CPU_SECONDS = 10.0  # within which one step with a setting must end
MAX_PARAMETER_BYTES = 1 << 26  # of a model that is built here; training compares larger ones with the memory
WHOLE = (0, 1, -1, 2**31 - 1, 2**31, 2**62, 2**63 - 1, 2**63, True)
REAL = (*WHOLE, 0.5, -0.0, 5e-324, 1e-30, 1e39, 1e308, math.nan, math.inf, -math.inf)


class TooSlow(BaseException):
    """The CPU time is used up; not an Exception, so that the component does not handle it."""


@register_check("", "a recipe may come from a stranger: no number may hang a program, crash it or blame the plugin")
def numbers_at_their_extremes(subject: Subject) -> None:
    fields = [field for field in setting_fields(subject.entry.cls) if not is_slot(field) and _number_type(field)]
    if not fields:
        skip("it has no numeric settings")
    with contextlib.suppress(Exception):
        take_step(subject)  # imports that take time
    for field in fields:
        for value in _values(field):
            problem = _find_problem(subject, field.name, value)
            assert not problem, f"{field.name} = {value!r} {problem}"


def _number_type(field: attrs.Attribute[Any]) -> type | None:
    """`int` or `float` if the setting is such a number or a list of them."""
    type_ = get_args(field.type)[0] if get_origin(field.type) is tuple else field.type
    return cast(type, type_) if type_ in (int, float) else None


def _values(field: attrs.Attribute[Any]) -> Iterator[Any]:
    """The ends of the declared range, and numbers at and beyond the ends of the machine's types."""
    bounds = [validator for validator in validators_of(field) if isinstance(validator, Bounds)]
    ends = [
        end for bound in bounds for end in (bound.ge, bound.gt, bound.le, bound.lt, bound.largest) if math.isfinite(end)
    ]
    if _number_type(field) is int:
        numbers: list[Any] = [*(int(end) for end in ends), *WHOLE]
    else:
        numbers = [*ends, *(math.nextafter(end, 0) for end in ends), *REAL]
    for number in numbers:
        if get_origin(field.type) is tuple:
            yield from ((number,), (1, number), (number, number))
        else:
            yield number


def _find_problem(subject: Subject, name: str, value: Any) -> str:
    """What is wrong with a setting; "" if it is rejected, done in time, or ends in an error that users understand."""
    raw = {"use": subject.entry.qualified_name, name: value}
    try:
        component = build_component(subject.registry, subject.entry.kind, raw)
    except RecipeError as error:
        named = any(problem.setting.partition(".")[0] == name for problem in error.problems)
        return "" if named else f"is rejected without naming the setting: {error}"
    try:
        with limit_cpu_time(CPU_SECONDS):
            take_step(evolve(subject, component=component))
    except TooSlow:
        return f"does not end within {CPU_SECONDS:g} s: limit it, as in setting(default, help, Bounds(ge=1, le=100))"
    except (ZooError, MemoryError):
        return ""
    except Exception as error:
        if find_resource_error(error) is None:
            return f"is accepted, and then raises {describe_exception(error)}: limit it with Bounds"
    return ""


@contextlib.contextmanager
def limit_cpu_time(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the block once it has used this CPU time; without effect in threads and on Windows."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def take_step(subject: Subject) -> None:
    """Do with a component what one step of work needs, on tiny inputs."""
    STEPS[subject.entry.kind](subject)


def _step_module(module: nn.Module, *inputs: Any) -> None:
    output = module(*inputs)
    if output.requires_grad:
        output.sum().backward()


def _step_vectorizer(subject: Subject) -> None:
    vectorizer = cast(Vectorizer, subject.component)
    texts, labels = training_inputs(vectorizer.input_type)
    tokens = tokenize_column(texts, vectorizer.tokenize)
    vectorizer.fit_transform(tokens, labels)[0].transform(tokens)


def _step_weighting(subject: Subject) -> None:
    weighting, (counts, labels) = cast(Weighting, subject.component), make_counts()
    weighting.global_weights(counts, labels)
    weighting.local_weights(counts.weights_or_ones())


def _step_model(subject: Subject) -> None:
    model = cast(Model, subject.component)
    if parameter_bytes(model, num_features=WIDTH, num_outputs=2) > MAX_PARAMETER_BYTES:
        return
    module = model.build(num_features=WIDTH, num_outputs=2)
    for layout in model.accepts:
        _step_module(module, make_features(layout))


def _step_reader(subject: Subject) -> None:
    for data in SMALL_FILES:
        with contextlib.suppress(ZooError):
            cast(Reader, subject.component).read(io.BytesIO(data))


def _step_scheduler(subject: Subject) -> None:
    ScheduledTraining(subject, epochs=3, batches=4).run(16)


def _step_task(subject: Subject) -> None:
    make_task_table(subject).read()


STEPS: dict[str, Callable[[Subject], object]] = {
    "activation": lambda subject: _step_module(build_activation(subject), make_scores().requires_grad_()),
    "loss": lambda subject: _step_module(build_loss(subject), *make_loss_inputs(subject)),
    "metric": compute_on_predictions,
    "model": _step_model,
    "optimizer": lambda subject: minimize_steps(subject, 2),
    "reader": _step_reader,
    "scheduler": _step_scheduler,
    "task": _step_task,
    "vectorizer": _step_vectorizer,
    "weighting": _step_weighting,
}
