"""`zoo plot`: plots of activations, losses and runs, in a file or as characters in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion.lists import complete_names, complete_run, complete_words
from zoo_cli.completion.recipes import complete_plotted
from zoo_cli.context import open_run_for, open_zoo_for
from zoo_cli.options import columns_option, data_option, data_options, json_option, on_option, plugin_option
from zoo_cli.output import print_json, print_note, print_warning
from zoo_cli.output_file import check_output, force_option
from zoo_cli.streams import write_styled
from zoo_cli.typed.numbers import IntegerRange
from zoo_core.plots.panels import PANELS

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.errors import ZooError
    from zoo_core.plots.panels import RunReport

image_option = click.option(
    "-o", "--output", metavar="FILE", help="Image file: .png, .svg or .pdf. Default: plot in the terminal."
)
settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME.KEY=VALUE",
    shell_complete=complete_plotted,
    help="Change a setting of a plotted component.",
)


@click.group("plot", epilog="Example: zoo plot activation relu prelu tanh -o activations.png")
def plot_command() -> None:
    """Plot activations, losses, or the results of a run."""


@plot_command.command(
    "activation",
    short_help="Plot activations and their derivatives.",
    epilog="Example: zoo plot activation relu prelu tanh -o activations.png",
)
@click.argument("name", nargs=-1, shell_complete=complete_names("activation"))
@settings_option
@image_option
@force_option
@json_option
@plugin_option
@click.pass_context
def plot_activation(
    ctx: click.Context, name: tuple[str, ...], settings: tuple[str, ...], output: str | None, as_json: bool
) -> None:
    """Plot the activations NAME and their derivatives. Default: all activations.

    NAME may also be an inline table, as in a recipe: '{ use = "prelu", init = 0.1 }'.
    """
    from zoo_core.evaluation.component_curves import activation_curve

    _plot_functions(ctx, "activation", activation_curve, name, settings, output, as_json)


@plot_command.command(
    "loss",
    short_help="Plot losses against the score, one line per target.",
    epilog="Example: zoo plot loss bce-with-logits mse -o losses.svg",
)
@click.argument("name", nargs=-1, shell_complete=complete_names("loss"))
@settings_option
@image_option
@force_option
@json_option
@plugin_option
@click.pass_context
def plot_loss(
    ctx: click.Context, name: tuple[str, ...], settings: tuple[str, ...], output: str | None, as_json: bool
) -> None:
    """Plot the losses NAME against the score, one line per target. Default: all losses."""
    from zoo_core.evaluation.component_curves import loss_curve

    _plot_functions(ctx, "loss", loss_curve, name, settings, output, as_json)


def _plot_functions(
    ctx: click.Context,
    kind: str,
    make_curve: Callable[..., Any],
    names: Sequence[str],
    settings: Sequence[str],
    output: str | None,
    as_json: bool,
) -> None:
    from attrs import asdict

    from zoo_core.plots import style
    from zoo_core.plugins.attribution import attribute_errors

    if output is not None:
        style.check_image(output)
        check_output(output)
    zoo = open_zoo_for(ctx)
    with attribute_errors(zoo.registry):
        components = build_components(zoo, kind, names, settings)
        curves = [make_curve(zoo.registry, component, title) for title, component in components]
    if as_json:
        print_json([asdict(curve) for curve in curves])
    if output is not None:
        from zoo_core.plots.component_curves import figure_of_curves

        figure_of_curves(curves).save(output)
    elif not as_json:
        from zoo_cli.plots import text_charts

        format_charts = text_charts.activation_charts if kind == "activation" else text_charts.loss_charts
        write_styled(format_charts(curves))


def _settings_of(zoo: Zoo, kind: str, name: str) -> Sequence[Any]:
    """The settings of a component; none if there is no such component."""
    from zoo_core.components.kinds import setting_fields
    from zoo_core.errors import ZooError

    try:
        return setting_fields(zoo.registry.get(kind, name).cls)
    except ZooError:
        return ()


def build_components(zoo: Zoo, kind: str, names: Sequence[str], settings: Sequence[str]) -> list[tuple[str, Any]]:
    """Build each component by name or inline table, with its title: the name and the settings that were changed."""
    from zoo_core.config.structure import build_component
    from zoo_core.errors import RecipeError
    from zoo_core.messages import name_hint
    from zoo_core.recipes.recipe import Recipe

    def parse(*assignments: str) -> dict[str, Any]:
        return dict(Recipe(f"--set {kind}", zoo).with_assignments(*assignments).merged().values)

    names = names or list(dict.fromkeys(zoo.registry.recipe_name(entry.cls) for entry in zoo.registry.of_kind(kind)))
    specs = [parse(f"{kind}={name}")[kind] if name.lstrip().startswith("{") else {"use": name} for name in names]
    changes = parse(*settings)
    plotted = [str(spec.get("use", "")) if isinstance(spec, dict) else str(spec) for spec in specs]
    for name, values in changes.items():
        if name not in plotted or not isinstance(values, dict):
            settings_of = {field.name: known for known in plotted for field in _settings_of(zoo, kind, known)}
            hint = f'did you mean "{settings_of[name]}.{name}"?' if name in settings_of else name_hint(name, plotted)
            raise RecipeError(f'--set {name}: "{name}" is not plotted', hint=hint)
    components = []
    for name, spec in zip(plotted, specs, strict=True):
        spec = {**spec, **changes.get(name, {})} if isinstance(spec, dict) else spec
        component = build_component(zoo.registry, kind, spec)
        settings_text = [f"{key}={getattr(component, key)}" for key in spec if key != "use"]
        components.append((" ".join([name, *settings_text]), component))
    return components


@plot_command.command(
    "run", short_help="Plot the results of a run.", epilog="Example: zoo plot run runs/yelp-perceptron-1 -o run.png"
)
@click.argument("run", shell_complete=complete_run)
@click.option(
    "--only",
    multiple=True,
    metavar="PANEL",
    shell_complete=complete_words(*PANELS),
    help=f"{', '.join(PANELS)} (repeatable). Default: all; of confusion and classes the one that fits the labels.",
)
@data_option("Labeled texts. Default: the data the run was trained on.")
@on_option
@data_options
@click.option("--top", type=IntegerRange(1, 50), default=8, show_default=True, help="Words per class.")
@columns_option
@image_option
@force_option
@json_option
@plugin_option
@click.pass_context
def plot_run(
    ctx: click.Context,
    run: str,
    only: tuple[str, ...],
    data: list[str] | None,
    on: str,
    top: int,
    settings: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> None:
    """Plot the results of RUN, the folder of a trained run: learning curves, confusion matrix (of several labels a
    text, the metrics of each label), reliability, ROC, precision and recall, and the top words. Panels that cannot be
    plotted are reported on standard error."""
    from zoo_core.errors import RecipeError
    from zoo_core.messages import name_hint
    from zoo_core.plots import style

    if output is not None:
        style.check_image(output, [run, *(data or ())])
        check_output(output)
    for panel in only:
        if panel not in PANELS:
            raise RecipeError(f'unknown panel "{panel}"', hint=name_hint(panel, PANELS))
    from zoo_core.runs.report import run_report

    opened = open_run_for(ctx, run, settings)
    if output is not None and data is None:
        style.check_image(output, opened.summary["data"]["files"])  # it is read, though only the run names it
    report = run_report(opened, only, data=data, split=on, top=top)
    if opened.decision and not opened.head.decision.is_default and "confusion" in report.panels:
        print_note(opened.decision.describe())
    for reason, panels in group_by_reason(report.missing).items():
        print_warning(f"not plotted: {', '.join(panels)}: {reason}")
    if as_json:
        print_json(report_to_dict(report))
    if output is not None:
        from zoo_core.plots.fonts import find_fonts
        from zoo_core.plots.run_page import make_page, page_texts

        fonts = find_fonts(page_texts(report))
        with style.plot_style(fonts.families):
            style.save_figure(make_page(report, fonts), output)
    elif not as_json:
        from zoo_cli.plots import text_charts

        write_styled(text_charts.run_charts(report))


def group_by_reason(missing: Mapping[str, ZooError]) -> dict[str, list[str]]:
    """Group the missing panels by the message of their error."""
    groups: dict[str, list[str]] = {}
    for panel, error in missing.items():
        groups.setdefault("; ".join(map(str, error.problems)), []).append(panel)
    return groups


def report_to_dict(report: RunReport) -> dict[str, Any]:
    """The report as JSON values: the points of each panel, and the error of each missing panel."""
    from attrs import asdict

    values = asdict(report, recurse=True, filter=lambda field, value: field.name != "pieces" or bool(value))
    missing = {panel: str(error) for panel, error in report.missing.items()}
    return {**{key: values[key] for key in ("title", "split", "rows")}, **values["panels"], "missing": missing}
