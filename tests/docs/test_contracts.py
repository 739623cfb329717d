"""`help()` of each contract shows what its attributes mean, and when its methods are called."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from tests.docs.blocks import ROOT
from zoo_core.components.component import Component
from zoo_core.components.kinds import KINDS

sys.path.append(str(ROOT / "docs"))
from _generate.contracts import attribute_docs

BASES = [Component, *(kind.base for kind in KINDS)]


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_every_attribute_has_a_meaning(base):
    documented = attribute_docs(base)
    assert documented.keys() == inspect.get_annotations(base).keys()
    assert all(len(text) > 20 and text.endswith((".", ")")) for text in documented.values())
    assert all(text in " ".join(inspect.getdoc(base).split()) for text in documented.values())


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_every_method_says_when_it_is_called(base):
    for name, method in vars(base).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            assert re.search(r"\bcalled\b", inspect.getdoc(method) or "", re.IGNORECASE), f"{base.__name__}.{name}"


def test_a_missing_meaning_is_found():
    class Undocumented:
        """A class.

        Attributes:
            first: What the first
                of them is.
        """

        first: int
        second: int

    assert attribute_docs(Undocumented) == {"first": "What the first of them is."}
