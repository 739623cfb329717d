"""What is public is what is documented, and hooks, kinds and moments agree."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from textwrap import dedent

import pytest

import zoo_core
from tests.limits import limit
from zoo_core import errors, hookspecs
from zoo_core.components import contracts
from zoo_core.components.kinds import KINDS, contract_of, setting_fields
from zoo_core.recipes.plan import Plan

HOOKS = {name: value for name, value in vars(hookspecs).items() if name.startswith("zoo_")}


def test_public_names_are_sorted_and_each_is_there():
    assert zoo_core.__all__ == sorted(zoo_core.__all__)
    assert dir(zoo_core) == zoo_core.__all__
    assert zoo_core._LAZY_NAMES.keys() <= set(zoo_core.__all__)
    for name in zoo_core.__all__:
        value = getattr(zoo_core, name)
        assert name in {"State", "hookimpl"} or (inspect.getdoc(value) or "").strip(), name


def test_every_base_of_a_component_is_public():
    bases = {kind.base.__name__ for kind in KINDS}
    assert bases <= set(zoo_core.__all__)
    own = {
        name
        for name, value in vars(contracts).items()
        if inspect.isclass(value) and value.__module__ == "zoo_core.components.contracts"
    }
    assert own <= set(zoo_core.__all__)


@pytest.mark.parametrize("name", ["no_such_name", "__path", "Trainer"])
def test_what_is_not_there(name):
    with pytest.raises(AttributeError, match=name):
        getattr(zoo_core, name)


def test_late_names_come_when_they_are_asked_for():
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; import zoo_core; "
        "before = 'zoo_core.training.pipeline' in sys.modules; "
        "zoo_core.train; print(before, 'zoo_core.training.pipeline' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=limit())
    assert done.stdout == "False True\n"


def test_hooks_are_the_kinds_the_recipes_and_the_moments():
    assert set(HOOKS) == {
        *(kind.hook for kind in KINDS),
        "zoo_recipes",
        *hookspecs.SETTINGS_HOOKS,
        *hookspecs.EVENT_HOOKS,
        hookspecs.MODEL_HOOK,
    }


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_and_empty(name):
    hook = HOOKS[name]
    assert inspect.getdoc(hook).endswith(".")
    assert len(ast.parse(dedent(inspect.getsource(hook))).body[0].body) == 1  # the docstring alone
    assert bool(inspect.signature(hook).parameters) == (
        name in ("zoo_configured", *hookspecs.EVENT_HOOKS, hookspecs.MODEL_HOOK)
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_hook_is_typed_by_its_kind(kind):
    assert str(inspect.signature(HOOKS[kind.hook]).return_annotation) == f"list[type[contracts.{kind.base.__name__}]]"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_promise_of_a_base_is_documented(kind):
    assert inspect.getdoc(kind.base)
    for name, method in vars(kind.base).items():
        if inspect.isfunction(method):
            assert inspect.getdoc(method), f"{kind.base.__name__}.{name}"


def test_contracts_are_declared_by_every_component(registry):
    for entry in registry.entries:
        base = next(kind.base for kind in KINDS if kind.name == entry.kind)
        assert contract_of(entry.cls).keys() == base.__annotations__.keys(), entry.qualified_name


def test_a_plan_has_a_slot_for_each_kind_a_run_is_made_of():
    names = {one.name for one in setting_fields(Plan)}
    inside = {"activation", "embedding", "tokenizer", "weighting", "metric"}  # slots of components and of the loop
    assert names == {kind.name for kind in KINDS} - inside | {"split", "training"}


def test_every_error_has_an_exit_code_of_its_own_which_the_docstring_draws():
    own = [cls for cls in vars(errors).values() if inspect.isclass(cls) and issubclass(cls, errors.ZooError)]
    assert len({cls.exit_code for cls in own}) == len(own) == 7
    for cls in own:
        drawn = next(line for line in errors.__doc__.splitlines() if f" {cls.__name__} " in line)
        assert str(cls.exit_code) in drawn.split()
