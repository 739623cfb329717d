"""The conclusion of a swap: the best variant so far, whether others are as good, and whether it lies at an edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import asdict, frozen

from zoo_core.errors import ZooError
from zoo_core.experiments.analysis import VariantSummary, compare_variants
from zoo_core.experiments.scoring import PairKey, TrialScores
from zoo_core.experiments.variants import Variant
from zoo_core.messages import join_names, pluralize
from zoo_core.recipes.assignments import format_value
from zoo_core.recipes.flat_keys import flatten_plan

SEED = "training.seed"  # a larger seed is not a better one


@frozen
class Edge:
    """A setting of which the best variant has the largest value tried, or the smallest, as `written` by the user."""

    key: str
    value: int | float
    is_largest: bool
    written: str

    def describe(self, *, is_advice: bool) -> str:
        """A sentence; it advises to go on in this direction only if the values were told apart."""
        size, others = ("largest", "larger") if self.is_largest else ("smallest", "smaller")
        ending = f": try {others} ones" if is_advice else f"; {others} ones were not tried"
        return f"{self.written} is the {size} {self.key} tried{ending}"


@frozen
class Conclusion:
    """The variant with the best mean, and those that are not shown to be worse than it (`as_good`).

    `choice` is one of them to prefer: the first variant or, if that is worse, the one with the fewest parameters.
    `command` trains the best variant; "" if it cannot be suggested.
    """

    best: str
    mean: float
    as_good: tuple[str, ...]
    choice: str
    choice_reason: str
    edges: tuple[Edge, ...]
    command: str
    variants: int

    @property
    def is_clear(self) -> bool:
        """Whether every other variant was shown to be worse."""
        return not self.as_good

    def lines(self, metric: str) -> list[str]:
        """The conclusion in sentences, the command last."""
        lines = [self._verdict(metric)] if self.variants > 1 else []
        are_told_apart = len(self.as_good) < self.variants - 1
        lines += [edge.describe(is_advice=are_told_apart) for edge in self.edges]
        return [*lines, f"to train it: {self.command}"] if self.command else lines

    def _verdict(self, metric: str) -> str:
        best = f"best so far: {self.best} ({metric} {self.mean:.4f})"
        if self.is_clear:
            return best
        if self.choice == self.best:
            reason = f", {self.choice_reason}" if self.choice_reason else ""
            return f"no clear winner; {best}{reason}; not shown to be worse: {join_names(self.as_good, 3)}"
        reason = f", {self.choice_reason}," if self.choice_reason else ""
        return f"no clear winner; {best}, but {self.choice}{reason} is not shown to be worse"

    def to_dict(self) -> dict[str, Any]:
        """The conclusion as plain values."""
        edges = [asdict(edge) for edge in self.edges]
        return {
            "variant": self.best,
            "mean": self.mean,
            "is_clear": self.is_clear,
            "as_good": list(self.as_good),
            "edges": edges,
            "command": self.command,
        }


def conclude(
    variants: Sequence[Variant],
    summaries: Sequence[VariantSummary | None],
    scores: Sequence[Mapping[PairKey, TrialScores]],
    *,
    higher_is_better: bool,
    command: Callable[[Variant], str],
) -> Conclusion | None:
    """Compare the variant with the best mean with every other one; None if no trial succeeded.

    `command` makes the command of a variant. A variant without comparable trials counts as not shown to be worse.
    """
    done = [index for index, summary in enumerate(summaries) if summary is not None]
    if not done:
        return None
    means = {index: summary.mean for index, summary in enumerate(summaries) if summary is not None}
    best = max(done, key=lambda index: means[index] if higher_is_better else -means[index])
    others = [index for index in done if index != best]
    names = {index: variants[index].name for index in done}
    compared = compare_variants(
        [names[index] for index in (best, *others)],
        [scores[index] for index in (best, *others)],
        higher_is_better=higher_is_better,
    )
    worse = {comparison.variant for comparison in compared if comparison.verdict == "worse"}
    as_good = [index for index in others if names[index] not in worse]
    tied = {index: summaries[index].parameters for index in (best, *as_good)}  # type: ignore[union-attr]
    choice = 0 if 0 in tied else min(sorted(tied, key=lambda index: index != best), key=tied.__getitem__)
    is_smallest = list(tied.values()).count(tied[choice]) == 1
    smallest = f"the smallest ({pluralize(tied[choice], 'parameter')})" if is_smallest else ""
    return Conclusion(
        best=names[best],
        mean=means[best],
        as_good=tuple(names[index] for index in as_good),
        choice=names[choice],
        choice_reason="the first" if choice == 0 else smallest,
        edges=tuple(find_edges([variants[index] for index in done], variants[best])),
        command=command(variants[best]),
        variants=len(done),
    )


def find_edges(variants: Sequence[Variant], best: Variant) -> list[Edge]:
    """The swapped settings with numbers of which the best variant has the largest or smallest, if others are valid."""
    registry, edges = best.recipe.zoo.registry, []
    values = [flatten_plan(variant.plan, registry) for variant in (best, *variants)]
    for key in best.swapped:
        tried: list[int | float] = [own[key] for own in values if type(own.get(key)) in (int, float)]
        if key == SEED or type(values[0].get(key)) not in (int, float) or min(tried) == max(tried):
            continue
        edge = Edge(key, tried[0], tried[0] == max(tried), best.swapped[key])
        if tried[0] in (min(tried), max(tried)) and _can_go_on(best, edge):
            edges.append(edge)
    return edges


def _can_go_on(variant: Variant, edge: Edge) -> bool:
    """Whether a value a little beyond the edge is valid."""
    step = 1 if isinstance(edge.value, int) else max(abs(edge.value) / 100, 1e-6)
    beyond = edge.value + step if edge.is_largest else edge.value - step
    try:
        variant.recipe.override(f"{edge.key}={format_value(beyond)}").plan()
    except ZooError:
        return False
    return True
