"""The commands that write, what is there before them, and how a user goes on after a fault."""

from __future__ import annotations

from attrs import frozen

TRAIN = (
    *("train", "text-mlp", "--data", "reviews.csv", "--set", "training.epochs=3", "--set", "training.patience=0"),
    *("--set", "training.checkpoint=0", "--set", "model.hidden=[4]", "--run", "run"),
)
SWAP = (
    *("swap", "text-mlp", "model.activation=relu,tanh", "--data", "reviews.csv", "--seeds", "1"),
    *("--set", "training.epochs=1", "--set", "model.hidden=[4]", "--jobs", "1", "--run", "swap"),
)


@frozen
class Scenario:
    """A command, the commands before it, the files that it replaces, and the checkpoint that must not be lost."""

    name: str
    arguments: tuple[str, ...]
    setup: tuple[tuple[str, ...], ...] = ()
    replaced: tuple[str, ...] = ()  # each is whole afterwards: as before, or as after the command
    timed: tuple[str, ...] = ()  # hold seconds, so that only their presence is compared
    run: str = ""  # the run folder of a training
    again: tuple[str, ...] = ()  # what the user types afterwards; default: the same command


SCENARIOS = (
    Scenario("train", TRAIN, run="run"),
    Scenario(
        "predict",
        ("predict", "run", "--data", "reviews.csv", "-o", "labels.csv", "--force"),
        setup=(TRAIN,),
        replaced=("labels.csv",),
    ),
    Scenario("split", ("data", "split", "reviews.csv", "-o", "labels.csv", "--force"), replaced=("labels.csv",)),
    Scenario("sample", ("data", "sample", "--rows", "50", "-o", "labels.csv", "--force"), replaced=("labels.csv",)),
    Scenario("recipe new", ("recipe", "new", "mine.toml", "--from", "text-mlp", "--force"), replaced=("mine.toml",)),
    Scenario("recipe migrate", ("--plugin", "mine.py", "recipe", "migrate", "old.toml"), replaced=("old.toml",)),
    Scenario("recipe lock", ("recipe", "lock", "text-mlp", "-o", "mine.toml"), replaced=("mine.toml",)),
    Scenario("disable", ("plugins", "disable", "yelp"), replaced=("config/zoo.toml",)),
    Scenario(
        "trust",
        ("plugins", "trust", "project"),
        setup=(("plugins", "trust", "other"),),
        replaced=("config/zoo.trust.json",),
    ),
    Scenario(
        "threshold",
        ("evaluate", "run", "--set-threshold", "0.25"),
        setup=(TRAIN, ("evaluate", "run", "--set-threshold", "0.75")),
        replaced=("run/decision.json", "run/manifest.json"),
    ),
    Scenario("plot", ("plot", "run", "run", "-o", "plot.svg"), setup=(TRAIN,), replaced=("plot.svg",)),
    Scenario("scaffold", ("plugins", "new", "textzoo-mine")),
    Scenario("swap", SWAP, timed=("swap/report.txt",)),
)
PLUGIN = '''
"""An activation with an old name."""
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Squash(Activation):
    """tanh(x)."""
    name = "squash"
    aliases = ("squish",)
    alias_expires = "2030-01-31"
    acts = "elementwise"

    def build(self):
        from torch import nn
        return nn.Tanh()

@hookimpl
def zoo_activations():
    return [Squash]
'''
FILES = {
    "labels.csv": "text,label\nold,old\n",
    "mine.toml": 'extends = "text-mlp"\n',
    "old.toml": 'extends = "text-mlp"\n[model]\nactivation = "squish" # kept\n',
    "mine.py": PLUGIN,
    "plot.svg": "<svg/>\n",
    "config/zoo.toml": "# mine\n",
    "project/zoo.toml": "[plugins]\nfiles = ['../mine.py']\n",
    "other/zoo.toml": "[plugins]\ndisabled = ['yelp']\n",
}


def reviews(rows: int = 60) -> str:
    """A file of texts with two classes."""
    return "text,label\n" + "".join(
        f"{('great', 'cold')[i % 2]} food {i % 7},{('pos', 'neg')[i % 2]}\n" for i in range(rows)
    )
