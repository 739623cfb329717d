"""Variants of a swap: the recipes to compare, and the incompatible ones with the reason."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from zoo_core.config.assignment import split_key
from zoo_core.config.slot_lookup import SlotLookup
from zoo_core.data.settings.files import require_files
from zoo_core.errors import PluginError, RecipeError, ZooError
from zoo_core.experiments.swap_arguments import SwapAxis, current_value, parse_swaps
from zoo_core.messages import escape_control_chars
from zoo_core.recipes.compatibility import check_plan
from zoo_core.recipes.flat_keys import diff_recipes, format_toml
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe, to_toml

MAX_VARIANTS = 1000


@frozen
class Variant:
    """A recipe to compare, under the name it has in tables, and its resolved plan.

    `swapped` maps each swapped key to the value as written; `own_plan` is what its recipe says, if its split is
    not in effect, because all variants are split as the baseline is.
    """

    name: str
    recipe: Recipe
    plan: Plan
    swapped: Mapping[str, str] = field(factory=dict)
    own_plan: Plan | None = None

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
    swapped: Mapping[str, str]
    own_plan: Plan | None = None


def build_variants(
    recipes: Recipe | Sequence[Recipe], swaps: Sequence[str], *, num_classes: int | None = None, strict: bool = False
) -> Variants:
    """Resolve and check the product of recipes and the values of each `SLOT=a,b,c`.

    A single value is compared with the recipe's. Raises RecipeError for an unknown slot or name, an incompatible
    baseline, and any incompatible variant if `strict`.
    """
    return select_compatible(resolve_candidates(as_recipes(recipes), swaps), num_classes=num_classes, strict=strict)


def as_recipes(recipes: Recipe | Sequence[Recipe]) -> tuple[Recipe, ...]:
    """The recipes of a swap: one, or several to compare with the first."""
    return (recipes,) if isinstance(recipes, Recipe) else tuple(recipes)


def resolve_candidates(recipes: Sequence[Recipe], swaps: Sequence[str]) -> list[Candidate]:
    """Resolve every combination of a recipe and values, each once. Needs no data.

    Every plan is split as that of the first recipe: variants are compared on the same rows.
    """
    base = recipes[0].plan()
    axes = parse_swaps(recipes[0], base, swaps)
    count = math.prod(len(axis.values) for axis in axes) * len(recipes)
    if count > MAX_VARIANTS:
        raise RecipeError(f"too many variants: got {count}, expected at most {MAX_VARIANTS}")
    own_plans = [base, *map(_plan_or_none, recipes[1:])]
    candidates, names = [], set[str]()
    for (recipe, own, title), values in itertools.product(
        zip(recipes, own_plans, _titles(recipes), strict=True), itertools.product(*(axis.values for axis in axes))
    ):
        given = {axis.key: value for axis, value in zip(axes, values, strict=True)}
        swapped = {key: value or (current_value(own, key) if own else "") for key, value in given.items()}
        name = _variant_name(title, swapped)
        if recipe is recipes[0] or name not in names:  # another recipe may have the value that the first is to get
            candidates.append(_resolve(name, recipe, base, axes, swapped, given))
        names.add(name)
    return candidates


def _titles(recipes: Sequence[Recipe]) -> list[str]:
    """The name of each recipe; of recipes with one name, what differs from the first. "" for a single recipe."""
    if len(recipes) == 1:
        return [""]
    first: dict[str, Recipe] = {}
    titles = []
    for recipe in recipes:
        same = first.setdefault(recipe.name, recipe)
        try:
            changes = [] if same is recipe else diff_recipes(same, recipe)
        except ZooError:
            changes = []
        values = (f"{change.key.rpartition('.')[2]}={format_toml(change.b)}" for change in changes)
        titles.append(", ".join([recipe.name, *values]))
    return titles


def _plan_or_none(recipe: Recipe) -> Plan | None:
    try:
        return recipe.plan()
    except ZooError:
        return None


def _resolve(
    name: str,
    recipe: Recipe,
    base: Plan,
    axes: Sequence[SwapAxis],
    swapped: Mapping[str, str],
    given: Mapping[str, str],
) -> Candidate:
    for axis in axes:
        if given[axis.key]:
            recipe = recipe.with_assignments(f"{axis.key}={given[axis.key]}", written_as=axis.written)
    try:
        plan = recipe.plan()
    except ZooError as error:
        _reject_wrong_values(error, recipe, axes)
        return Candidate(name, recipe, error, swapped)
    same_rows = evolve(plan, split=base.split, splitter=base.splitter)
    return Candidate(name, recipe, same_rows, swapped, None if plan == same_rows else plan)


def _reject_wrong_values(error: ZooError, recipe: Recipe, axes: Sequence[SwapAxis]) -> None:
    """Raise the problems of values that are wrong in any recipe: a typo stops the swap, as that of a name does."""
    slots = SlotLookup(recipe.zoo.registry, Plan)
    values = recipe.merged().values
    plain = {axis.key for axis in axes if slots.find_slot(values, split_key(axis.key)) is None}
    wrong = [problem for problem in error.problems if problem.setting in plain and not problem.code]
    if wrong:
        raise RecipeError(*wrong)


def _variant_name(recipe: str, swapped: Mapping[str, str]) -> str:
    """The recipe if there are several, and the value if there is one slot, else `slot=value` of each."""
    if len(swapped) == 1 and not recipe:
        return next(iter(swapped.values()))
    values = [f"{key.rpartition('.')[2]}={value}" for key, value in swapped.items() if value]
    return ", ".join([recipe, *values] if recipe else values) or "baseline"


def select_compatible(
    candidates: Sequence[Candidate],
    *,
    num_classes: int | None = None,
    classes: Sequence[str] | None = None,
    strict: bool = False,
) -> Variants:
    """Check every candidate for this number of classes, and for their names.

    Raises RecipeError for an incompatible baseline, for two equal recipes, for an unknown class, and for any
    incompatible one if `strict`.
    """
    compatible: list[Variant] = []
    skipped: dict[str, str] = {}
    for candidate in candidates:
        try:
            compatible.append(_check(candidate, num_classes, classes))
        except PluginError:
            raise
        except ZooError as error:
            if strict or not compatible or any(problem.code == "unknown-class" for problem in error.problems):
                raise
            skipped[candidate.name] = describe_reason(error)
    _reject_equal_recipes(compatible)
    return Variants(tuple(compatible), skipped)


def _check(candidate: Candidate, num_classes: int | None, classes: Sequence[str] | None) -> Variant:
    if isinstance(candidate.resolved, ZooError):
        raise candidate.resolved
    check_plan(candidate.recipe, candidate.resolved, num_classes=num_classes, classes=classes)
    require_files(candidate.resolved)
    return Variant(candidate.name, candidate.recipe, candidate.resolved, candidate.swapped, candidate.own_plan)


def describe_reason(error: ZooError) -> str:
    """Why a variant is skipped, on one line."""
    reasons = (f"{problem.text} ({problem.hint})" if problem.hint else problem.text for problem in error.problems)
    return " · ".join(map(escape_control_chars, reasons))


def _reject_equal_recipes(variants: Sequence[Variant]) -> None:
    names: dict[str, str] = {}
    for variant in variants:
        text = variant.to_toml()
        if text in names:
            raise RecipeError(f'"{variant.name}" and "{names[text]}" are the same recipe', hint="name each value once")
        names[text] = variant.name
