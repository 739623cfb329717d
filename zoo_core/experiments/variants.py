"""Variants of a swap: the recipes to compare, and the incompatible ones with the reason."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from attrs import frozen

from zoo_core.errors import PluginError, RecipeError, ZooError
from zoo_core.experiments.swap_arguments import SwapAxis, current_value, parse_swaps
from zoo_core.messages import escape_control_chars
from zoo_core.recipes.compatibility import check_plan
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml

MAX_VARIANTS = 1000


@frozen
class Variant:
    """A recipe to compare, under the name it has in tables, and its resolved plan."""

    name: str
    recipe: Recipe
    plan: Plan

    def to_toml(self) -> str:
        """The plan as a recipe with every setting written out."""
        return to_toml(self.plan, self.recipe.zoo.registry)


@frozen
class Variants:
    """The first compatible variant is the baseline; `skipped` maps incompatible ones to the reason."""

    compatible: tuple[Variant, ...]
    skipped: Mapping[str, str]


@frozen
class Candidate:
    """A combination of values: a variant, or the error that resolving its recipe raised."""

    name: str
    recipe: Recipe
    resolved: Plan | ZooError


def build_variants(recipe: Recipe, swaps: Sequence[str], *, num_classes: int = 2, strict: bool = False) -> Variants:
    """Resolve and check the product of the values of each `SLOT=a,b,c`. A single value is compared with the recipe's.

    Raises RecipeError for an unknown slot or name, an incompatible baseline, and any incompatible variant if `strict`.
    """
    return select_compatible(resolve_candidates(recipe, swaps), num_classes=num_classes, strict=strict)


def resolve_candidates(recipe: Recipe, swaps: Sequence[str]) -> list[Candidate]:
    """Resolve the recipe of every combination of values, each once. Needs no data."""
    plan = recipe.plan()
    axes = parse_swaps(recipe, plan, swaps)
    count = math.prod(len(axis.values) for axis in axes)
    if count > MAX_VARIANTS:
        raise RecipeError(f"too many variants: got {count}, expected at most {MAX_VARIANTS}")
    return [_resolve(recipe, plan, axes, values) for values in itertools.product(*(axis.values for axis in axes))]


def _resolve(recipe: Recipe, plan: Plan, axes: Sequence[SwapAxis], values: Sequence[str]) -> Candidate:
    overridden = recipe
    for axis, value in zip(axes, values, strict=True):
        if value:
            overridden = overridden.override(f"{axis.key}={value}", written_as=axis.written)
    shown = [value or current_value(plan, axis.key) for axis, value in zip(axes, values, strict=True)]
    name = _variant_name([axis.key for axis in axes], shown)
    try:
        return Candidate(name, overridden, overridden.plan())
    except ZooError as error:
        return Candidate(name, overridden, error)


def _variant_name(keys: Sequence[str], values: Sequence[str]) -> str:
    """The value if there is one slot; `slot=value` of each if there are several."""
    if not keys:
        return "baseline"
    if len(keys) == 1:
        return values[0]
    return ", ".join(f"{key.rpartition('.')[2]}={value}" for key, value in zip(keys, values, strict=True))


def select_compatible(candidates: Sequence[Candidate], *, num_classes: int = 2, strict: bool = False) -> Variants:
    """Check every candidate for this number of classes.

    Raises RecipeError for an incompatible baseline, for two equal recipes, and for any incompatible one if `strict`.
    """
    compatible: list[Variant] = []
    skipped: dict[str, str] = {}
    for candidate in candidates:
        try:
            compatible.append(_check(candidate, num_classes))
        except PluginError:
            raise
        except ZooError as error:
            if strict or not compatible:
                raise
            skipped[candidate.name] = " · ".join(_reason(problem.text, problem.hint) for problem in error.problems)
    _reject_equal_recipes(compatible)
    return Variants(tuple(compatible), skipped)


def _check(candidate: Candidate, num_classes: int) -> Variant:
    if isinstance(candidate.resolved, ZooError):
        raise candidate.resolved
    check_plan(candidate.recipe, candidate.resolved, num_classes=num_classes)
    return Variant(candidate.name, candidate.recipe, candidate.resolved)


def _reason(message: str, hint: str) -> str:
    return escape_control_chars(f"{message} ({hint})" if hint else message)


def _reject_equal_recipes(variants: Sequence[Variant]) -> None:
    names: dict[str, str] = {}
    for variant in variants:
        text = variant.to_toml()
        if text in names:
            raise RecipeError(f'"{variant.name}" and "{names[text]}" are the same recipe', hint="name each value once")
        names[text] = variant.name
