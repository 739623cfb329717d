"""An activation whose module imports one that imports torch."""

from attrs import frozen

from tests.contracts.planted_modules.shared_sizes import BYTES
from zoo_core import Activation


@frozen
class ImportsTorch(Activation):
    """tanh, with torch imported by a module beside it.

    Source: the tests of the conformance kit."""

    name = "faulty"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self):
        from torch import nn

        return nn.Tanh() if BYTES else nn.Identity()
