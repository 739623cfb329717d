"""One component by kind, name and settings, for Python code; and how components are pickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.config.assigned_values import to_plain
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import Zoo, default_zoo
from zoo_core.errors import RecipeError
from zoo_core.plugins.registry import find_kind

PickledComponent = tuple[Callable[..., Component], tuple[str, str, Mapping[str, Any]]]


def load_component(kind: str, name: str, /, *, zoo: Zoo | None = None, **settings: Any) -> Any:
    """A component by kind, name and settings, checked: `load_component("activation", "prelu", init=0.1).build()`.

    A slot takes a name, a dictionary with `use` and settings, or a component; a slot of several a list of these.
    Without `zoo`, it comes from the plugins that `open_zoo()` loads, which are loaded once.

    Raises RecipeError, with suggestions, for an unknown kind, name or setting and for a wrong value.
    """
    zoo = zoo or default_zoo()
    if not isinstance(name, str):
        raise RecipeError(f"the name of a component must be a string, not {type(name).__name__}")
    if "use" in settings:
        raise RecipeError('unknown setting "use"', hint="the name is the second argument")
    plain = {
        key: value if isinstance(value, Component) else to_plain(value, zoo.registry) for key, value in settings.items()
    }
    return build_component(zoo.registry, find_kind(kind).name, {"use": name, **plain})


def reduce_component(component: Component) -> PickledComponent:
    """A component as kind, name and settings, by which pickle builds it again in another process.

    Raises RecipeError for a component whose class is not registered, or not by the plugins that are always loaded.
    """
    cls = type(component)
    try:
        name = default_zoo().registry.recipe_name(cls)
    except RecipeError as error:
        hint = "only components of installed plugins can be pickled"
        raise RecipeError(error.problems[0].message, hint=hint) from None
    settings = {field.name: getattr(component, field.name) for field in setting_fields(cls)}
    return _restore_component, (kind_of(cls).name, name, settings)


def _restore_component(kind: str, name: str, settings: Mapping[str, Any]) -> Component:
    return cast(Component, load_component(kind, name, **settings))
