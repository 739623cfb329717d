"""The kinds a new plugin can bring, as data: the file each lives in, and the names of its example."""

from __future__ import annotations

from attrs import frozen


@frozen
class Part:
    """A kind of part: the file it lives in, its example's class and name, and whether that has a torch module."""

    kind: str
    file: str
    base: str = ""  # the class in zoo_core; "" for what is no component
    cls: str = ""
    name: str = ""
    module: bool = False

    @property
    def hook(self) -> str:
        """The hook that offers it."""
        return f"zoo_{self.file}"


PARTS = (
    Part("activation", "activations", "Activation", "Softsign", "softsign"),
    Part("loss", "losses", "Loss", "SquaredHinge", "squared-hinge", module=True),
    Part("metric", "metrics", "Metric", "Kappa", "kappa"),
    Part("model", "models", "Model", "LowRank", "low-rank", module=True),
    Part("optimizer", "optimizers", "Optimizer", "SignSGD", "sign-sgd", module=True),
    Part("reader", "readers", "Reader", "Bars", "bars"),
    Part("scheduler", "schedulers", "Scheduler", "InverseTime", "inverse-time"),
    Part("task", "tasks", "Task", "Posts", "posts"),
    Part("vectorizer", "vectorizers", "Vectorizer", "Letters", "letters", module=True),
    Part("weighting", "weightings", "Weighting", "Root", "root"),
    Part("command", "commands"),
    Part("listener", "listeners"),
    Part("recipe", "recipes"),
)
KINDS = tuple(part.kind for part in PARTS)
