"""Completion of the ids of conformance checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click

from zoo_cli.completion.items import Items, matching_items, without_errors


@without_errors
def complete_check(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the id of a check, from the source of the kit: importing it would load torch."""
    core = find_spec("zoo_core")
    kit = Path(str(core and core.origin)).parent / "testing"
    ids = {id for path in kit.rglob("*.py") for id in check_ids(path.read_text("utf-8"))}
    return matching_items([(id, "") for id in sorted(ids)], incomplete)


def check_ids(source: str) -> Iterator[str]:
    """The ids of the checks that a module registers."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and any(map(_registers, node.decorator_list)):
            yield node.name.replace("_", "-")


def _registers(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "register_check"
