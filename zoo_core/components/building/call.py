"""The one call of a component's `build`, with those of the offered arguments that its signature names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zoo_core.components.component import Component

if TYPE_CHECKING:
    from torch import nn

NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def call_build(component: Component, /, **offered: Any) -> Any:
    """Call `build` of a component with the offered arguments that its signature names; `**kwargs` gets all of them.

    `build_arguments` of a kind has the names that may be offered. TypeError for a parameter that is not offered and
    has no default.
    """
    build: Callable[..., Any] = getattr(component, "build")  # noqa: B009  # only kinds with one declare it
    return build(**_accepted(build, offered))


def takes_argument(component: Component, name: str) -> bool:
    """Whether `build` of a component takes this argument."""
    return bool(_accepted(getattr(component, "build"), {name: None}))  # noqa: B009


def requires_argument(component: Component, name: str) -> bool:
    """Whether `build` of a component names this argument without a default."""
    parameter = _parameters(getattr(component, "build")).get(name)  # noqa: B009
    return parameter is not None and parameter.default is parameter.empty


def missing_arguments(component: Component, offered: Collection[str]) -> list[str]:
    """The parameters of `build` without a default that are not offered."""
    return [
        name
        for name, parameter in _parameters(getattr(component, "build")).items()  # noqa: B009
        if parameter.kind in NAMED and parameter.default is parameter.empty and name not in offered
    ]


def trainable_parameters(module: nn.Module, rows: int) -> dict[str, Any]:
    """What an optimizer is offered: the parameters of a module that require a gradient, and the training rows."""
    named = ((name, value) for name, value in module.named_parameters() if value.requires_grad)
    return optimizer_arguments(named, rows)


def optimizer_arguments(named_parameters: Iterable[tuple[str, nn.Parameter]], rows: int) -> dict[str, Any]:
    """What an optimizer is offered for these parameters and so many training rows."""
    named = list(named_parameters)
    return {"parameters": [parameter for _, parameter in named], "named_parameters": named, "rows": rows}


def _accepted(build: Callable[..., Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    parameters = _parameters(build)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return dict(offered)
    return {name: value for name, value in offered.items() if name in parameters}


def _parameters(build: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(build).parameters


def unknown_parameters(cls: type[Component]) -> list[str]:
    """The parameters of `build` of a class that are not offered to its kind: nothing would be passed for them."""
    function = inspect.getattr_static(cls, "build")
    is_bound = isinstance(function, staticmethod | classmethod)
    parameters = list(_parameters(getattr(cls, "build")).values())  # noqa: B009
    return [
        parameter.name
        for parameter in (parameters if is_bound else parameters[1:])
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and (parameter.kind not in NAMED or parameter.name not in cls.build_arguments)
    ]
