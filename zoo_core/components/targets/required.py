"""What a type of targets does not support, refused in one line."""

from __future__ import annotations

from zoo_core.components.component import TargetType
from zoo_core.components.outputs.metric import Metric
from zoo_core.errors import RecipeError


def require_single_labels(what: str, targets: TargetType) -> None:
    """Raise RecipeError, with what is asked in the plural, for multi-label targets."""
    if targets == "multi-label":
        raise RecipeError(f"{what} need one label for each text, and this task reads several")


def require_targets(metric: Metric, targets: TargetType) -> None:
    """Raise RecipeError for a metric that does not support this type of targets."""
    if targets not in metric.targets:
        raise RecipeError(f'metric "{metric.name}" is for {" and ".join(metric.targets)} targets, not {targets} ones')
