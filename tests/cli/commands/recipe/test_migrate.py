"""Recipes with old component names, and `zoo recipe migrate`."""

from __future__ import annotations

import pytest

SOURCE = '''
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


def test_old_name_gives_a_warning(zoo, empty_folder):
    (empty_folder / "mine.py").write_text(SOURCE)
    train = ("train", "yelp-mlp", "--plugin", "mine.py", "--set", "training.epochs=1", "--json")
    answer = zoo(*train, "--set", "model.activation=squish")
    assert (answer.code, len(answer.lines)) == (0, 1)
    assert 'zoo: warning: --set model.activation=squish: model.activation: activation "squish"' in answer.err
    assert 'is renamed to "squash" (the old name may be removed from 2030-01-31 on)' in answer.err
    new = zoo(*train, "--set", "model.activation=squash")
    assert (new.err, new.json["metrics"]) == ("", answer.json["metrics"])
    checked = zoo("recipe", "check", "yelp-mlp", "--plugin", "mine.py", "--set", "model.activation=squish")
    assert (checked.code, checked.lines[0]) == (0, answer.lines[0])
    assert zoo("show", "activation", "squish", "--plugin", "mine.py").out.startswith("activation squash ")


def test_migrate_changes_only_names(zoo, empty_folder):
    (empty_folder / "mine.py").write_text(SOURCE)
    old = '# mine\nextends = "yelp-mlp" # base\n\n[model]\nactivation = "squish" # old\n'
    new = old.replace("squish", "squash")
    file = empty_folder / "old.toml"
    file.write_text(old)
    migrate = ("recipe", "migrate", "old.toml", "--plugin", "mine.py")
    shown = zoo(*migrate, "-o", "-")
    assert (shown.code, shown.out, file.read_text()) == (0, new, old)
    assert "is renamed to" in shown.err
    assert (zoo(*migrate).code, file.read_text()) == (0, new)
    assert zoo(*migrate).err == "old.toml: all names are current\n"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("ends", [b"\n\n\n", b"\r\n" * 3, b"\n\r\n\n"], ids=["lf", "crlf", "mixed"])
def test_migrate_keeps_the_byte_order_mark_and_line_ends(zoo, empty_folder, bom, ends):
    (empty_folder / "mine.py").write_text(SOURCE)
    lines = [b'extends = "yelp-mlp" # base', b"[model]", b'activation = "squish" # old']
    first, second, third = ends.decode().splitlines(keepends=True)
    old = bom + lines[0] + first.encode() + lines[1] + second.encode() + lines[2] + third.encode()
    file = empty_folder / "old.toml"
    file.write_bytes(old)
    answer = zoo("recipe", "migrate", "old.toml", "--plugin", "mine.py")
    assert (answer.code, file.read_bytes()) == (0, old.replace(b"squish", b"squash"))
    assert zoo("recipe", "migrate", "old.toml", "--plugin", "mine.py", "-o", "-").out.encode() == file.read_bytes()
