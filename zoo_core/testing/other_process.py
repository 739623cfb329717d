"""What holds in another process, too: nothing may follow the order of a set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256

from torch import Tensor

from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.plugins.source import PluginSource
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.vectorizers import fitted


@register_check("vectorizer", "the same seed gives the same numbers, in every process")
def same_in_another_process(subject: Subject) -> None:
    cls = subject.entry.cls
    one = _elsewhere(cls, "1")
    if one != state_digest(cls):  # a test may have put something in place here that no other process has
        assert one == _elsewhere(cls, "2"), "fitted in two processes, its states differ: does it follow a set's order?"


def state_digest(cls: type) -> str:
    """A word for what a vectorizer of these settings learns from the training texts."""
    entry = Entry("vectorizer", cls.__dict__["name"], cls, PluginSource("told", "told", "", lambda: None))
    others = [one for one in open_zoo().registry.entries if one.cls is not cls]
    registry = Registry((*others, entry))
    state = fitted(Subject(build_component(registry, "vectorizer", entry.qualified_name), entry, registry)).state()
    plain = {name: value.tolist() if isinstance(value, Tensor) else value for name, value in state.items()}
    return sha256(json.dumps(plain).encode()).hexdigest()


def _elsewhere(cls: type, seed: str) -> str:
    """`state_digest` in a process of its own, where the order of sets is by this seed."""
    code = (
        "import importlib, operator, sys; sys.path[:] = sys.argv[3:]; "
        "from zoo_core.testing.other_process import state_digest; "
        "print('digest:' + state_digest(operator.attrgetter(sys.argv[2])(importlib.import_module(sys.argv[1]))))"
    )
    call = [sys.executable, "-c", code, cls.__module__, cls.__qualname__, *sys.path]
    where = {**os.environ, "PYTHONHASHSEED": seed}
    try:
        done = subprocess.run(
            call, env=where, capture_output=True, text=True, errors="replace", timeout=120, check=True
        )
    except subprocess.TimeoutExpired:
        skip("another process takes too long to make it")
    except subprocess.CalledProcessError as error:
        skip(f"it cannot be made in another process: {error.stderr.strip().splitlines()[-1:]}")
    return done.stdout.rpartition("digest:")[2].strip()
