"""Variants that read the same rows: those whose task reads others cannot be compared."""

from __future__ import annotations

from zoo_core.components.examples import Examples
from zoo_core.errors import DataError, RecipeError, ZooError
from zoo_core.experiments.prepared_cache import PreparedDataCache, cache_keys
from zoo_core.experiments.variants import Variant, Variants, describe_reason


def skip_other_rows(variants: Variants, cache: PreparedDataCache, *, strict: bool) -> Variants:
    """Skip the variants whose task reads other rows or labels than the baseline's; raises the error if `strict`."""
    first = variants.compatible[0]
    errors: dict[str, ZooError | None] = {cache_keys(first.plan, 0).examples: None}
    baseline, compatible, skipped = None, [], dict(variants.skipped)
    for variant in variants.compatible:
        key = cache_keys(variant.plan, 0).examples
        if key not in errors:
            baseline = baseline or cache.split_examples(first.recipe, first.plan).examples
            errors[key] = _find_other_rows(first, baseline, variant, cache)
        error = errors[key]
        if error is None:
            compatible.append(variant)
        elif strict:
            raise error
        else:
            skipped[variant.name] = describe_reason(error)
    return Variants(tuple(compatible), skipped)


def _find_other_rows(first: Variant, baseline: Examples, variant: Variant, cache: PreparedDataCache) -> ZooError | None:
    """Why a variant cannot be evaluated on the rows of the baseline; None if it can."""
    if cache.table.origin == "sample":
        return RecipeError(f"its task has other sample data than {first.name}", hint="name a file with --data FILE")
    try:
        examples = cache.split_examples(variant.recipe, variant.plan).examples
    except (DataError, RecipeError) as error:
        return error
    pairs = [(getattr(baseline, name), getattr(examples, name)) for name in ("row_numbers", "labels", "splits")]
    if all(own is other or (own is not None and other is not None and own.equals(other)) for own, other in pairs):
        return None
    return DataError(f"its task reads other rows or labels than that of {first.name}", where=cache.table.source)
