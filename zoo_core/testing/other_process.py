"""Check that a fit is the same in another process, independent of the order of sets."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256

from torch import Tensor

from zoo_core.child_process import run_python
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.plugin_source import PluginSource
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.vectorizers import fit_encoder

TIMEOUT_SECONDS = 600


@register_check("vectorizer", "the same seed must give the same numbers in every process")
def same_in_another_process(subject: Subject) -> None:
    cls = subject.entry.cls
    first = _digest_in_process(cls, hash_seed="1")
    if first != state_digest(cls):  # a test may have patched something in this process only
        second = _digest_in_process(cls, hash_seed="2")
        assert first == second, "two processes fit different states: does the fit depend on the order of a set?"


def state_digest(cls: type) -> str:
    """Return a hash of the state that a vectorizer with default settings fits to the training inputs."""
    entry = Entry("vectorizer", cls.__dict__["name"], cls, PluginSource("checked", "checked", "", lambda: None))
    others = [entry for entry in open_zoo().registry.entries if entry.cls is not cls]
    registry = Registry((*others, entry))
    vectorizer = build_component(registry, "vectorizer", entry.qualified_name)
    state = fit_encoder(Subject(vectorizer, entry, registry)).state()
    plain = {name: value.tolist() if isinstance(value, Tensor) else value for name, value in state.items()}
    return sha256(json.dumps(plain).encode()).hexdigest()


def _digest_in_process(cls: type, hash_seed: str) -> str:
    """Return `state_digest` of a new process with this hash seed, which determines the order of sets."""
    code = (
        "import importlib, operator, sys; sys.path[:] = sys.argv[3:]; "
        "from zoo_core.testing.other_process import state_digest; "
        "print('digest:' + state_digest(operator.attrgetter(sys.argv[2])(importlib.import_module(sys.argv[1]))))"
    )
    arguments = ("-c", code, cls.__module__, cls.__qualname__, *sys.path)
    variables = {"PYTHONHASHSEED": hash_seed}
    try:
        process = run_python(
            *arguments, variables=variables, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        skip(f"fitting it in another process takes more than {TIMEOUT_SECONDS} seconds")
    except subprocess.CalledProcessError as error:
        skip(f"it cannot be fitted in another process: {error.stderr.strip().splitlines()[-1:]}")
    return str(process.stdout.rpartition("digest:")[2].strip())
