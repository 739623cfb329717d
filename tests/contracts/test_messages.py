"""What a check tells the author of a component: a sentence about the component, never an expression of the kit."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import torch

from tests.contracts.faulty import faulty
from zoo_core import testing
from zoo_core.testing.assertions import assert_close, assert_gradient
from zoo_core.testing.differences import find_difference
from zoo_core.testing.failures import describe_failure
from zoo_textbook.activations import Tanh

KIT = Path(testing.__file__).parent
OF_TORCH = re.compile(r"testing\.assert_(close|equal|allclose)$|gradcheck$")
OWN_HELPERS = KIT / "assertions.py"


def kit_sources():
    return [(path, path.read_text("utf-8")) for path in sorted(KIT.rglob("*.py"))]


def kit_expressions():
    """The conditions of every assertion of the kit, as they are written."""
    sources = [(source, ast.walk(ast.parse(source))) for _, source in kit_sources()]
    nodes = [(source, node.test) for source, nodes in sources for node in nodes if isinstance(node, ast.Assert)]
    return {" ".join((ast.get_source_segment(source, node) or "").split()) for source, node in nodes}


def test_every_assertion_has_a_message():
    bare = [
        f"{path.relative_to(KIT)}:{node.lineno}"
        for path, source in kit_sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assert) and node.msg is None
    ]
    assert bare == []


def test_no_assertion_of_torch_reaches_the_author():
    found = [
        f"{path.relative_to(KIT)}:{node.lineno}"
        for path, source in kit_sources()
        if path != OWN_HELPERS
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and OF_TORCH.search(ast.unparse(node.func))
    ]
    assert found == []


class Here(Tanh):
    pass


def failure_of(function, *arguments, cls=Tanh):
    try:
        function(*arguments)
    except Exception as error:
        return describe_failure(error, cls)


def test_an_assertion_is_told_with_its_numbers():
    actual, expected = torch.tensor([[1.0, 2.0], [3.0, 4.5]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    text = "the scores change: got 4.5 instead of 4 at [1, 1], the largest difference of 1 of 4 values"
    assert failure_of(assert_close, actual, expected, "the scores change") == text


def test_a_wrong_gradient_is_told_with_its_numbers():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 3

    text = failure_of(assert_gradient, Wrong.apply, (torch.ones(1, dtype=torch.float64),), "for 1 row")
    assert text.startswith("the gradient is not the slope of the function for 1 row: got 3 instead of 2")


def test_an_exception_of_the_component_is_told_with_its_line():
    def build(self):
        raise ValueError("no such thing")

    text = failure_of(faulty(Tanh, build=build, __module__=__name__)().build, cls=Here)
    assert re.fullmatch(
        r"what it returns cannot be used: .*|it raises ValueError: no such thing \(.*, line \d+\)", text
    )


def test_a_result_that_the_kit_cannot_use_is_told_as_such():
    assert failure_of(find_difference_of_nothing) == (
        "what it returns cannot be used: AttributeError: 'NoneType' object has no attribute 'shape'"
    )


def find_difference_of_nothing():
    return None.shape


def test_differences_are_found_in_every_part():
    assert (
        find_difference([1, {"a": (2.0, "x")}], [1, {"a": (2.0, "y")}])
        == "result 2: a: result 2: got 'x' instead of 'y'"
    )
    assert find_difference(float("nan"), float("nan")) == find_difference(torch.tensor(-0.0), torch.tensor(0.0)) == ""
    assert find_difference(1.0, 1.00000001) == "got 1 instead of 1.00000001"
    assert find_difference(torch.ones(2), torch.ones(2, dtype=torch.float64)) == "got float32 instead of float64"
