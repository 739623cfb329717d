"""`plot`: the figures of `zoo plot`, for Python code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.config.load_component import load_component
from zoo_core.config.structure import unstructure
from zoo_core.config.zoo import Zoo, default_zoo
from zoo_core.errors import RecipeError
from zoo_core.messages import name_hint
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.load import open_run
from zoo_core.runs.run import Run

if TYPE_CHECKING:
    from zoo_core.plots.figure import PlotFigure

KINDS = ("activation", "loss", "run")
Plotted = str | Mapping[str, Any] | Component


def plot(
    kind: str, what: Plotted | Iterable[Plotted] | Run | PathLike[str] = (), *, zoo: Zoo | None = None, **options: Any
) -> PlotFigure:
    """The figure of `zoo plot`, a matplotlib figure: `plot("activation", ["relu", "prelu"])`.

    `kind` is "activation" or "loss", and `what` a name, a dictionary with `use` and settings, a component, or a list of
    these, all by default; or it is "run", and `what` a run or its folder; `options` are then those of `Run.plot`, with
    `only` for its panels. Raises RecipeError for anything else.
    """
    if not isinstance(kind, str):
        hint = 'as in plot("activation", ["relu"]) or plot("run", run)'
        raise RecipeError(f"the first argument must be the kind of plot, not {type(kind).__name__}", hint=hint)
    if kind not in KINDS:
        raise RecipeError(f'cannot plot "{kind}"', hint=name_hint(kind, KINDS))
    if kind == "run":
        run = what if isinstance(what, Run) else open_run(_folder(what), zoo=zoo)
        only = options.pop("only", ())
        return run.plot(*([only] if isinstance(only, str) else only), **options)
    if options:
        hint = 'settings are written as in {"use": "prelu", "init": 0.1}'
        raise RecipeError(f'unknown option "{next(iter(options))}"', hint=hint)
    return _plot_components(zoo or default_zoo(), kind, what)


def _plot_components(zoo: Zoo, kind: str, what: Any) -> PlotFigure:
    from zoo_core.evaluation.component_curves import activation_curve, loss_curve
    from zoo_core.plots.component_curves import figure_of_curves

    is_one = isinstance(what, str | Mapping | Component) or not isinstance(what, Iterable)
    chosen: Sequence[Plotted] = [what] if is_one else list(what)
    chosen = chosen or list(dict.fromkeys(zoo.registry.recipe_name(entry.cls) for entry in zoo.registry.of_kind(kind)))
    make_curve: Any = activation_curve if kind == "activation" else loss_curve
    with attribute_errors(zoo.registry):
        components = [titled_component(zoo, kind, one) for one in chosen]
        return figure_of_curves([make_curve(zoo.registry, component, title) for title, component in components])


def titled_component(zoo: Zoo, kind: str, spec: Plotted) -> tuple[str, Component]:
    """A component by name, dictionary or object, and its title: the name and the settings that were given."""
    if isinstance(spec, Component):
        if kind_of(type(spec)).name != kind:
            raise RecipeError(f"expected a component of kind {kind}, got the {kind_of(type(spec)).name} {spec.name}")
        defaults = unstructure(load_component(kind, zoo.registry.recipe_name(type(spec)), zoo=zoo), zoo.registry)
        values = unstructure(spec, zoo.registry)
        spec = {key: value for key, value in values.items() if key == "use" or value != defaults[key]}
    if not isinstance(spec, str | Mapping):
        hint = f'as in load_component("{kind}", NAME)'
        raise RecipeError(f"expected a component of kind {kind} or its name, got {type(spec).__name__}", hint=hint)
    values = {"use": spec} if isinstance(spec, str) else dict(spec)
    name = values.pop("use", None)
    component = load_component(kind, name, zoo=zoo, **values)
    return " ".join([str(name), *(f"{key}={getattr(component, key)}" for key in values)]), component


def _folder(what: Any) -> Path:
    if isinstance(what, str | PathLike):
        return Path(what)
    raise RecipeError(f"expected a run or its folder, got {type(what).__name__}")
