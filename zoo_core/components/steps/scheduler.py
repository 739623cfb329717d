"""The contract of schedulers. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from zoo_core.components.component import Component


class Scheduler(Component):
    """The rule that changes the learning rate during training.

    Attributes:
        interval: When `step` is called: after each `"batch"` or `"epoch"`, or `"never"`.
        needs_metric: `True` if `step` takes the monitored metric, of which a lower value is better.
        never_increases: `True` if the learning rate never increases.
    """

    required_methods = ("build",)
    build_arguments = ("optimizer", "epochs", "steps_per_epoch")
    interval: ClassVar[Literal["never", "batch", "epoch"]]
    needs_metric: ClassVar[bool] = False
    never_increases: ClassVar[bool] = False

    def build(self, *args: Any, **kwargs: Any) -> Any:
        """An object with `step()`, or `step(metric)` if it `needs_metric`, and the state methods of torch.

        Offered, by name: `optimizer`, the torch optimizer; `epochs`, the largest number of epochs; `steps_per_epoch`,
        the batches of an epoch. Called once before the first step, and once for the preflight check."""
        raise NotImplementedError
