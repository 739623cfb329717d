"""The global generators of torch, NumPy and Python: their states, and the functions that seed them."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl
import torch

from zoo_core.seeds import preserve_rng_state, seed_torch

SEED = 1_943_027_511
SEEDING: dict[Callable[..., object], str] = {  # functions of Python; the state tells about the others
    torch.random.manual_seed: "torch.manual_seed()",
    torch.random.seed: "torch.seed()",
    torch.random.set_rng_state: "torch.set_rng_state()",
    pl.set_random_seed: "polars.set_random_seed()",
    torch.cuda.manual_seed: "torch.cuda.manual_seed()",
    torch.cuda.manual_seed_all: "torch.cuda.manual_seed_all()",
}


def seeding_functions() -> dict[Any, str]:
    """The functions that seed torch's generator, as `record_calls` takes them."""
    return {
        **{inspect.unwrap(function).__code__: name for function, name in SEEDING.items()},
        torch.default_generator.manual_seed: "torch.default_generator.manual_seed()",
        torch.default_generator.seed: "torch.default_generator.seed()",
        torch.default_generator.set_state: "torch.default_generator.set_state()",
    }


def generator_states() -> dict[str, str]:
    """A hash of the state of each global generator, by the name of its library."""
    numpy_state: Any = np.random.get_state(legacy=False)
    states = {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "NumPy": repr([numpy_state["state"]["key"].tobytes(), numpy_state["state"]["pos"]]).encode(),
        "Python's random": repr(random.getstate()).encode(),
    }
    return {name: sha256(state).hexdigest() for name, state in states.items()}


@contextmanager
def own_generators() -> Iterator[None]:
    """Seed every global generator in the block, with a seed that no plugin uses, and restore it afterwards."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    with preserve_rng_state():
        seed_torch(SEED)
        np.random.seed(SEED)
        random.seed(SEED)
        try:
            yield
        finally:
            np.random.set_state(of_numpy)
            random.setstate(of_python)
