"""The kinds that a new plugin can provide, each with its file and the names of its example."""

from __future__ import annotations

from attrs import frozen


@frozen
class ExampleKind:
    """A kind that a plugin can provide, and its example: the file, the class, the component's name."""

    kind: str
    file: str
    base: str = ""  # the base class in zoo_core; "" for a command, a listener or a recipe
    cls: str = ""
    name: str = ""
    has_module: bool = False  # the example has a torch module in the package `modules`

    @property
    def hook(self) -> str:
        """The hook that returns components of this kind."""
        return f"zoo_{self.file}"


EXAMPLES = (
    ExampleKind("activation", "activations", "Activation", "Softsign", "softsign"),
    ExampleKind("augmenter", "augmenters", "Augmenter", "Crop", "crop"),
    ExampleKind("calibrator", "calibrators", "Calibrator", "Power", "power"),
    ExampleKind("embedding", "embeddings", "Embedding", "UnitLength", "unit-length", has_module=True),
    ExampleKind("loss", "losses", "Loss", "SquaredHinge", "squared-hinge", has_module=True),
    ExampleKind("metric", "metrics", "Metric", "Kappa", "kappa"),
    ExampleKind("model", "models", "Model", "LowRank", "low-rank", has_module=True),
    ExampleKind("optimizer", "optimizers", "Optimizer", "SignSGD", "sign-sgd", has_module=True),
    ExampleKind("reader", "readers", "Reader", "Bars", "bars"),
    ExampleKind("sampler", "samplers", "Sampler", "Windowed", "windowed"),
    ExampleKind("scheduler", "schedulers", "Scheduler", "InverseTime", "inverse-time"),
    ExampleKind("splitter", "splitters", "Splitter", "ByHash", "by-hash"),
    ExampleKind("task", "tasks", "Task", "Posts", "posts"),
    ExampleKind("tokenizer", "tokenizers", "Tokenizer", "Prefixes", "prefixes"),
    ExampleKind("vectorizer", "vectorizers", "Vectorizer", "Letters", "letters", has_module=True),
    ExampleKind("weighting", "weightings", "Weighting", "Root", "root"),
    ExampleKind("command", "commands"),
    ExampleKind("listener", "listeners"),
    ExampleKind("recipe", "recipes"),
)
KINDS = tuple(example.kind for example in EXAMPLES)
