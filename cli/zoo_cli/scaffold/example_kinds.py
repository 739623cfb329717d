"""The kinds a new plugin can bring, as data: the file each lives in, and the names of its example."""

from __future__ import annotations

from attrs import frozen


@frozen
class ExampleKind:
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


EXAMPLES = (
    ExampleKind("activation", "activations", "Activation", "Softsign", "softsign"),
    ExampleKind("loss", "losses", "Loss", "SquaredHinge", "squared-hinge", module=True),
    ExampleKind("metric", "metrics", "Metric", "Kappa", "kappa"),
    ExampleKind("model", "models", "Model", "LowRank", "low-rank", module=True),
    ExampleKind("optimizer", "optimizers", "Optimizer", "SignSGD", "sign-sgd", module=True),
    ExampleKind("reader", "readers", "Reader", "Bars", "bars"),
    ExampleKind("scheduler", "schedulers", "Scheduler", "InverseTime", "inverse-time"),
    ExampleKind("task", "tasks", "Task", "Posts", "posts"),
    ExampleKind("vectorizer", "vectorizers", "Vectorizer", "Letters", "letters", module=True),
    ExampleKind("weighting", "weightings", "Weighting", "Root", "root"),
    ExampleKind("command", "commands"),
    ExampleKind("listener", "listeners"),
    ExampleKind("recipe", "recipes"),
)
KINDS = tuple(part.kind for part in EXAMPLES)
