"""The results of a training, as `zoo train` prints them for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_cli.findings import print_dropped
from zoo_cli.output import print_note

if TYPE_CHECKING:
    from collections.abc import Mapping


def print_summary(summary: Any) -> None:
    """Print the results of a run in a few lines for people."""
    from zoo_core.messages import pluralize, quote_name

    rows, data = summary["rows"], summary["data"]
    splits = ", ".join(f"{count} {name}" for name, count in rows.items())
    print_note(f"{data['source']}: {pluralize(data['read'], 'row')} read: {splits}")
    print_dropped(data["dropped"], data["rare"])
    for name, count in data["missing"].items():
        print_note(f"  {pluralize(count, 'missing number')} in column {quote_name(name)}")
    classes = summary["classes"]
    labels = ", ".join(label[:40] for label in classes[:8]) + (" …" if len(classes) > 8 else "")
    print_note(f"{pluralize(summary['features'], 'feature')}, {pluralize(len(classes), 'class')} ({labels})")
    print_start(summary["start"])
    print_note(f"{pluralize(summary['epochs'], 'epoch')}, best epoch {summary['best_epoch']}")
    print_figures(summary)
    if summary["calibration"]:
        print_calibration(summary["calibration"])
    seconds = summary["seconds"]
    print_note("seconds: " + ", ".join(f"{name} {seconds[name]:.2f}" for name in ("read", "encode", "fit", "total")))


def print_start(report: Mapping[str, str | int | float]) -> None:
    """Print what the model took from outside before the first epoch, on one line; nothing if it took nothing."""
    if report:
        print_note("model: " + "; ".join(f"{name}: {_format_value(value)}" for name, value in report.items()))


def _format_value(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def print_figures(summary: Mapping[str, Any]) -> None:
    """Print each value of each split with its interval, and the values without leaked texts, one on each line."""
    from zoo_core.evaluation.intervals.interval import format_figure
    from zoo_core.messages import pluralize

    def print_values(split: str, values: Mapping[str, float], intervals: Mapping[str, Any]) -> None:
        for name, value in values.items():
            print_note(f"{split} {name} {format_figure(value, intervals.get(name))}")

    for split, metrics in summary["metrics"].items():
        print_values(split, metrics, summary["intervals"][split])
        without = summary["without_leaked"].get(split)
        if without:
            texts = pluralize(without["leaked"], "text")
            print_note(f"{split} without {texts} of an earlier split, {pluralize(without['rows'], 'row')}:")
            print_values(f"  {split}", without["metrics"], without["intervals"])


def print_calibration(calibration: Mapping[str, Any]) -> None:
    """Print the expected calibration error after and before calibration."""
    from zoo_core.evaluation.intervals.interval import format_figure

    name = "expected-calibration-error"
    after, before = (
        format_figure(calibration[moment][name], calibration["intervals"][moment].get(name))
        for moment in ("after", "before")
    )
    print_note(f"{calibration['split']} expected calibration error {after}")
    print_note(f"  before calibration {before}")
