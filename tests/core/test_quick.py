"""The quick subset: `pytest -m quick` has many tests, and none that starts a process or trains."""

from __future__ import annotations

import re

import pytest

from tests.quick import TESTS, is_quick

STARTS = re.compile("^(import|from) (sub" + "process|multiprocessing)", re.MULTILINE)


def test_many_modules_are_quick():
    modules = list(TESTS.rglob("test_*.py"))
    quick = [module for module in modules if is_quick(module)]
    assert len(modules) / 4 < len(quick) < len(modules)
    assert not [module for module in quick if STARTS.search(module.read_text("utf-8"))]


@pytest.mark.parametrize("call", ["sub" + "process.run(['zoo'])", "run_" + "python('-c')", "pro" + "cess('list')"])
def test_a_module_that_starts_a_process_is_not_quick(tmp_path, monkeypatch, call):
    monkeypatch.setattr("tests.quick.TESTS", tmp_path)
    module = tmp_path / "core" / "test_some.py"
    module.parent.mkdir()
    module.write_text(call, "utf-8")
    assert not is_quick(module)


def test_quick_tests_are_marked(request):
    marked = [bool(item.get_closest_marker("quick")) for item in request.session.items]
    assert marked == [is_quick(item.path) for item in request.session.items]
    assert request.node.get_closest_marker("quick")
