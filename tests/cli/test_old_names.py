"""A recipe with an old name, from the command line."""

from __future__ import annotations

SOURCE = '''
from attrs import frozen
from zoo_core import Activation, hookimpl

@frozen
class Squash(Activation):
    """tanh(x)."""
    name = "squash"
    aliases = ("squish",)
    retires = "2030-01-31"
    acts = "elementwise"

    def build(self):
        from torch import nn
        return nn.Tanh()

@hookimpl
def zoo_activations():
    return [Squash]
'''


def test_a_recipe_with_an_old_name_runs_and_is_told(zoo, empty_folder):
    (empty_folder / "mine.py").write_text(SOURCE)
    train = ("train", "yelp-mlp", "--plugin", "mine.py", "--set", "training.epochs=1", "--json")
    answer = zoo(*train, "--set", "model.activation=squish")
    assert (answer.code, len(answer.lines)) == (0, 1)
    assert 'zoo: warning: --set model.activation=squish: model.activation: the activation "squish"' in answer.err
    assert 'is now called "squash" (the old name ends on 2030-01-31)' in answer.err
    (empty_folder / "old.toml").write_text('extends = "yelp-mlp"\n[model]\nactivation = "squish" # mine\n')
    told = zoo("recipe", "migrate", "old.toml", "--plugin", "mine.py")
    assert (told.code, told.out) == (0, "") and "squash" in told.err
    assert (empty_folder / "old.toml").read_text().endswith('activation = "squash" # mine\n')
    new = zoo(*train, "--set", "model.activation=squash")
    assert (new.err, new.json["metrics"]) == ("", answer.json["metrics"])
    assert zoo("show", "activation", "squish", "--plugin", "mine.py").out.startswith("activation squash ")
