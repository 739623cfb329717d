"""Structuring values without coercion, all problems at once, and the round trip of every component."""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

import pytest
from attrs import frozen
from hypothesis import assume, given
from hypothesis import strategies as st

from zoo_core import Activation, setting, slot
from zoo_core.components.fields import Named, is_slot, takes_named, validators_of
from zoo_core.components.kinds import KINDS, kind_of, setting_fields
from zoo_core.components.setting_types import is_str_or_list
from zoo_core.components.validators import Bounds, at_least_one, not_empty
from zoo_core.config.structure import build_component, structure, unstructure
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_textbook.activations import PReLU, ReLU, Sigmoid, Tanh


@frozen
class Everything(Activation):
    """A setting of every type."""

    name = "everything"
    acts = "elementwise"
    flag: bool = setting(False, "a flag")
    whole: int = setting(1, "a whole number", Bounds(ge=1))
    number: float = setting(0.5, "a number")
    text: str = setting("x", "a text", not_empty)
    choice: Literal["left", "right"] = setting("left", "a side")
    wholes: tuple[int, ...] = setting((1,), "whole numbers", at_least_one)
    sides: tuple[Literal["left", "right"], ...] = setting((), "sides")
    inner: Activation = slot("prelu", "a component", where={"acts": "elementwise"})
    many: tuple[Activation, ...] = slot(("relu", "tanh"), "components")

    def build(self):
        raise AssertionError


def problems(registry, **raw) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        structure(Everything, raw, registry)
    return [str(problem) for problem in caught.value.problems]


def test_defaults(registry):
    instance = structure(Everything, {}, registry)
    assert instance == Everything(inner=PReLU(), many=(ReLU(), Tanh()))


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("flag", True, True),
        ("whole", 2**63 - 1, 2**63 - 1),
        ("number", 3, 3.0),
        ("number", -1e300, -1e300),
        ("text", "None", "None"),
        ("choice", "right", "right"),
        ("wholes", [], ()),
        ("wholes", [1, 2], (1, 2)),
        ("sides", ["left"], ("left",)),
        ("inner", "tanh", Tanh()),
        ("inner", "textbook:tanh", Tanh()),
        ("inner", "textzoo/textbook:tanh", Tanh()),
        ("inner", {"use": "prelu", "init": 1}, PReLU(1.0)),
        ("inner", {"init": 0.75}, PReLU(0.75)),
        ("inner", {}, PReLU()),
        ("many", [], ()),
        ("many", ["relu", {"use": "prelu", "init": 0.5}], (ReLU(), PReLU(0.5))),
    ],
)
def test_valid_values(registry, name, raw, value):
    found = getattr(structure(Everything, {name: raw}, registry), name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        *(("flag", raw, "must be true or false") for raw in (0, 1, 1.0, "true", [], {}, date(2020, 1, 1))),
        *(("whole", raw, "must be a whole number") for raw in (True, False, 1.0, "1", [1], {}, math.nan)),
        *(("whole", raw, "64 bits") for raw in (2**63, 10**30, -(10**30))),
        ("whole", 0, "must be at least 1, not 0"),
        *(("number", raw, "must be a number") for raw in (True, "0.5", "nan", [0.5], {})),
        *(("number", raw, "must be finite") for raw in (math.nan, math.inf, -math.inf, 10**400)),
        *(("text", raw, "must be a string") for raw in (1, 1.5, True, [], {}, date(2020, 1, 1))),
        ("text", "", "must not be empty"),
        *(("choice", raw, 'must be "left" | "right"') for raw in ("Left", "", 1, True, [])),
        *(("wholes", raw, "must be a list of int") for raw in (1, "1", {}, True)),
        ("wholes", [1, 0], "must be at least 1, not 0"),
        ("wholes", [1, 2**62], "must be at most 2,147,483,647, not 4611686018427387904"),
        ("wholes", [1] * 101, "must have at most 100 numbers, not 101"),
        ("sides", ["up"], 'sides.0: must be "left" | "right"'),
        *(("inner", raw, "must be the name of a component of kind activation") for raw in (1, True, ["relu"])),
        ("inner", {"use": 3}, "inner.use: must be the name"),
        ("inner", "softmax", 'activation "softmax" does not fit this slot: expected acts = "elementwise"'),
        ("inner", "rleu", 'unknown activation "rleu" (hint: did you mean "relu"?)'),
        ("inner", "sgd", 'unknown activation "sgd"'),
        ("inner", "torch.nn:ReLU", 'unknown activation "torch.nn:ReLU"'),
        ("inner", {"use": "prelu", "init": "0"}, "inner.init: must be a number"),
        ("inner", {"use": "relu", "init": 0.1}, 'inner.init: unknown setting "init"'),
        ("many", "relu", "must be a list of activation names"),
        ("many", ["relu", 3], "many.1: must be the name"),
        ("extra", 1, 'unknown setting "extra"'),
        ("name", "x", 'unknown setting "name"'),
        ("txet", "x", 'unknown setting "txet" (hint: did you mean "text"?)'),
    ],
)
def test_invalid_values(registry, name, raw, message):
    (problem,) = problems(registry, **{name: raw})
    assert problem.startswith(name)
    assert message in problem


def test_number_too_long_to_print_is_a_problem(registry):
    """tomllib reads 0xFFF… in a recipe, and Python does not convert it to decimal."""
    for name in ("whole", "number", "text", "choice", "wholes", "inner"):
        assert name in problems(registry, **{name: 16**5000})[0]


def test_hint_lists_components_that_fit_the_slot(registry):
    (problem,) = problems(registry, inner="softmax")
    assert "identity, leaky-relu, mish, prelu, relu, selu, sigmoid, silu, softplus and 1 more" in problem


def test_each_item_of_a_list_has_a_problem(registry):
    found = problems(registry, wholes=[True, 2, "3"])
    assert [text.partition(":")[0] for text in found] == ["wholes.0", "wholes.2"]


def test_all_problems_are_reported_together(registry):
    found = problems(registry, flag=1, whole=0, number="1", text=2, inner={"init": True, "no": 1}, many=["x"], epohcs=1)
    assert sorted(text.partition(":")[0] for text in found) == [
        "epohcs",
        "flag",
        "inner.init",
        "inner.no",
        "many.0",
        "number",
        "text",
        "whole",
    ]


def test_rejects_a_value_that_is_not_a_table(registry):
    with pytest.raises(RecipeError, match="must be a table"):
        structure(Everything, 3, registry)


def test_unavailable_plugin_is_a_plugin_error():
    zoo = open_zoo(disabled=("textbook",))
    with pytest.raises(PluginError, match="is disabled"):
        build_component(zoo.registry, "activation", "relu")


def values(field) -> st.SearchStrategy:
    """Values of a setting, kept within its validators' bounds."""
    bounds = [v for v in validators_of(field) if hasattr(v, "ge")]
    low = max([-1e6, *(max(b.ge, b.gt) for b in bounds)])
    high = min([1e6, *(min(b.le, b.lt) for b in bounds)])
    if field.name == "size":
        return st.integers(1, 30).map(lambda bits: 1 << bits)  # hashed-ngrams needs a power of two
    if field.name == "delimiter":
        return st.sampled_from(["tab", "\t"])
    if field.name in ("names", "probabilities", "columns"):
        return st.sampled_from([(), ("1=a", "2=b")] if field.name != "probabilities" else [()])
    of = {
        "bool": st.booleans(),
        "int": st.integers(math.ceil(low), math.floor(high)),
        "float": st.floats(
            low, high, exclude_min=any(b.gt == low for b in bounds), exclude_max=any(b.lt == high for b in bounds)
        ),
        "str": st.text(min_size=1),
    }
    if is_str_or_list(field.type):
        return of["str"] | st.lists(of["str"], min_size=1, max_size=3).map(tuple)
    item = getattr(field.type, "__name__", "")
    if item in of:
        return of[item]
    if hasattr(field.type, "__args__") and field.type.__args__[-1] is ...:
        inner = st.lists(of[field.type.__args__[0].__name__], min_size=2, max_size=2)
        return inner.map(lambda items: tuple(sorted(items)))
    return st.sampled_from(field.type.__args__)


def components(registry, kind, where=None, outside=()) -> st.SearchStrategy:
    """Components of a kind with any settings; inside one of the same kind only those without slots."""

    def of(entry):
        own = setting_fields(entry.cls)
        return st.fixed_dictionaries(
            {
                f.name: named(registry, f)
                if takes_named(f)
                else components(registry, kind_of(f.type).name, f.metadata["where"], (*outside, kind))
                if is_slot(f)
                else values(f)
                for f in own
            }
        ).map(lambda chosen: entry.cls(**chosen))

    names = registry.matching(kind, where or {})
    entries = [entry for entry in registry.of_kind(kind) if entry.name in names]
    if kind in outside:
        entries = [entry for entry in entries if not any(map(is_slot, setting_fields(entry.cls)))]
    return st.one_of(list(map(of, entries)))


def named(registry, field) -> st.SearchStrategy:
    """Components of a slot by name: those of the default, one of which may be left out, beside others."""
    defaults = {name: build_component(registry, "vectorizer", use) for name, use in field.metadata["slot"].items()}
    others = st.dictionaries(st.text(max_size=8), st.sampled_from([None, *defaults.values()]), max_size=3)
    return others.map(lambda extra: Named({**defaults, **extra}))


REGISTRY = open_zoo().registry


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_round_trip_of_every_kind(kind):
    @given(components(REGISTRY, kind))
    def round_trip(component):
        assume(not list(component.check()))
        assert build_component(REGISTRY, kind, unstructure(component)) == component

    round_trip()


@given(number=st.floats(allow_nan=False, allow_infinity=False), flag=st.booleans(), text=st.text(min_size=1))
def test_round_trip_of_every_type(number, flag, text):
    made = Everything(flag=flag, number=number, text=text, wholes=(3, 4), inner=Sigmoid(), many=(PReLU(0.5),))
    assert structure(Everything, {k: v for k, v in unstructure(made).items() if k != "use"}, REGISTRY) == made
