"""Every benchmark can be imported, and the `--help` of each program says how to run it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys

import pytest

import benchmarks

MODULES = sorted(module.name for module in pkgutil.walk_packages(benchmarks.__path__, "benchmarks."))


@pytest.mark.parametrize("name", MODULES)
def test_imports_and_explains_itself(name, monkeypatch, capsys):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "benchmarks").partition(".")[0] in ("benchmarks", "tests", "zoo_core", "zoo_cli"):
            raise
        pytest.skip(f"{error.name} is not installed")
    if hasattr(module, "main"):
        monkeypatch.setattr(sys, "argv", [name, "--help"])
        with pytest.raises(SystemExit) as ended:
            module.main(*[None] * len(inspect.signature(module.main).parameters))
        assert not ended.value.code
        assert capsys.readouterr().out.lower().startswith("usage")
