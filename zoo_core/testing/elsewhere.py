"""What holds in another process, too: nothing may follow the order of a set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256

from torch import Tensor

from zoo_core.config import open_zoo
from zoo_core.plugins import Source
from zoo_core.registry import Entry, Registry
from zoo_core.settings import component
from zoo_core.testing.cases import Subject, check, skip
from zoo_core.testing.vectorizers import fitted


@check("vectorizer", "the same seed gives the same numbers, in every process")
def same_in_another_process(subject: Subject) -> None:
    here, there = told(subject.entry.cls), _elsewhere(subject.entry.cls)
    assert here == there, "fitted in another process, its state is another: does it follow the order of a set?"


def told(cls: type) -> str:
    """A word for what a vectorizer of these settings learns from the training texts."""
    entry = Entry("vectorizer", cls.__dict__["name"], cls, Source("told", "told", "", lambda: None))
    others = [one for one in open_zoo().registry.entries if one.cls is not cls]
    registry = Registry((*others, entry))
    state = fitted(Subject(component(registry, "vectorizer", entry.qualified), entry, registry)).state()
    plain = {name: value.tolist() if isinstance(value, Tensor) else value for name, value in state.items()}
    return sha256(json.dumps(plain).encode()).hexdigest()


def _elsewhere(cls: type) -> str:
    """`told` in a process of its own, where the order of sets is another."""
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    code = (
        "import importlib, operator, sys; sys.path[:] = sys.argv[3:]; "
        "from zoo_core.testing.elsewhere import told; "
        "print('told:' + told(operator.attrgetter(sys.argv[2])(importlib.import_module(sys.argv[1]))))"
    )
    where = {**os.environ, "PYTHONHASHSEED": seed}
    call = [sys.executable, "-c", code, cls.__module__, cls.__qualname__, *sys.path]
    done = subprocess.run(call, env=where, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        skip(f"it cannot be made in another process: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout.rpartition("told:")[2].strip()
