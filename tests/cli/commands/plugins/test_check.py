"""`zoo plugins check`: passed, failed and skipped checks of a plugin's components."""

from __future__ import annotations

from pathlib import Path

import pytest

SOUND = '''"""A plugin."""

from attrs import frozen
from zoo_core import Activation, Metric, hookimpl


@frozen
class Squash(Activation):
    """tanh(x): a name for tanh.

    Source: a test."""

    name = "squash"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self):
        from torch import nn

        return nn.Tanh()
'''
WIDE = '''

@frozen
class Wide(Squash):
    """2·tanh(x): twice its range.

    Source: a test."""

    name = "wide"

    def build(self):
        from torch import nn

        return nn.Sequential(nn.Tanh(), nn.Softplus(beta=0.1))
'''
OFFER = """

@hookimpl
def zoo_activations():
    return [{classes}]
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch, distribution):
    """An installed plugin "mine" with this source."""

    def made(source: str) -> None:
        site = distribution(tmp_path / "site", "textzoo-mine", source, module="textzoo_mine_parts", plugin="mine")
        monkeypatch.syspath_prepend(site)

    yield made
    import sys

    sys.modules.pop("textzoo_mine_parts", None)


def test_valid_plugin_passes(zoo, plugin):
    plugin(SOUND + OFFER.format(classes="Squash"))
    answer = zoo("plugins", "check", "mine")
    assert answer.code == 0, answer
    assert " 0 failed" in answer.err
    assert "failed" not in answer.out


def test_failed_check_exits_with_1(zoo, plugin):
    plugin(SOUND + WIDE + OFFER.format(classes="Squash, Wide"))
    answer = zoo("plugins", "check", "mine", "--quick")
    assert answer.code == 1, answer
    [result] = [line for line in answer.out.splitlines() if "failed" in line]
    assert "wide" in result and "output-is-in-range" in result and "outside the declared range from -1 to 1" in result
    assert " 1 failed" in answer.err


def test_json_counts_the_checks(zoo, plugin):
    plugin(SOUND + WIDE + OFFER.format(classes="Squash, Wide"))
    answer = zoo("plugins", "check", "mine", "--quick", "--json")
    assert answer.code == 1
    found = answer.json
    states = [check["state"] for check in found["checks"]]
    assert {name: states.count(name) for name in ("passed", "failed", "expected", "skipped")} == {
        name: found[name] for name in ("passed", "failed", "expected", "skipped")
    }
    assert found["run"] == len(states) - found["skipped"] and found["failed"] == 1
    assert all(check["reason"] for check in found["checks"] if check["state"] != "passed")
    [failed] = [check for check in found["checks"] if check["state"] == "failed"]
    assert failed["section"] == "docs/reference/conformance.md#activation-output-is-in-range"


def test_kind_and_component_options(zoo):
    one = zoo("plugins", "check", "yelp", "--kind", "reader", "--quick", "--json").json["checks"]
    assert {(check["kind"], check["component"]) for check in one} == {("reader", "yelp-polarity")}
    two = zoo("plugins", "check", "textbook", "--component", "accuracy", "--quick", "--json").json["checks"]
    assert {(check["kind"], check["component"]) for check in two} == {("metric", "accuracy")}


def test_rejects_unknown_names(zoo, refused):
    refused(zoo("plugins", "check", "yepl"), 2, 'no plugin "yepl"', 'did you mean "yelp"?')
    refused(zoo("plugins", "check", "mine.py"), 2, 'no plugin "mine.py"', "zoo plugins check --plugin mine.py mine")
    refused(zoo("plugins", "check", "yelp", "--kind", "redaer"), 2, "redaer", "reader")
    refused(zoo("plugins", "check", "yelp", "--kind", "optimizer"), 2, "plugin yelp has no optimizer")
    refused(zoo("plugins", "check", "yelp", "--component", "yepl"), 2, 'no component "yepl"', 'did you mean "yelp"?')


def test_broken_plugin_exits_with_5(zoo, plugin):
    plugin("import nothing_of_that_name\n")
    answer = zoo("plugins", "check", "mine")
    assert (answer.code, answer.out) == (5, "")
    assert answer.lines[-1].startswith("zoo: error: ")
    assert "textzoo-mine" in answer.lines[-1] and "nothing_of_that_name" in answer.lines[-1]


def test_disabled_plugin_exits_with_5(zoo, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DISABLE_PLUGINS", "yelp")
    answer = zoo("plugins", "check", "yelp")
    assert (answer.code, answer.out) == (5, "")
    assert "is disabled" in answer.err


def test_plugin_file_is_checked(zoo):
    Path("mine.py").write_text(SOUND + WIDE + OFFER.format(classes="Squash, Wide"), "utf-8")
    answer = zoo("plugins", "check", "mine", "--plugin", "./mine.py", "--json")
    assert answer.code == 1, answer.err
    failed = {(one["component"], one["check"]) for one in answer.json["checks"] if one["state"] == "failed"}
    assert failed == {("wide", "output-is-in-range")}
