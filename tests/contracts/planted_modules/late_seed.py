"""An activation whose layers are imported when they are built, and seed a generator then."""

from attrs import frozen

from zoo_core import Activation


@frozen
class SeedsLate(Activation):
    """tanh, from a module that seeds Python's generator.

    Source: the tests of the conformance kit."""

    name = "faulty"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self):
        from tests.contracts.planted_modules.layers import Noisy

        return Noisy()
