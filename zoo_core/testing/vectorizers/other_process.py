"""Check that a fit is the same in another process, independent of the order of sets."""

from __future__ import annotations

import importlib
import json
import operator
import subprocess
import sys
from functools import cache
from hashlib import sha256

from torch import Tensor

from zoo_core.child_process import run_python
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.plugin_source import PluginSource, describe_exception
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.vectorizers.behavior import fit_encoder

TIMEOUT_SECONDS = 600


@register_check("vectorizer", "the same seed must give the same numbers in every process", slow=True)
def same_in_another_process(subject: Subject) -> None:
    cls = subject.entry.cls
    others = (entry.cls for entry in subject.registry.entries if entry.kind == subject.entry.kind)
    classes = tuple(dict.fromkeys((cls, *others)))
    first = _digest_in_process(cls, classes, hash_seed="1")
    if first != state_digest(cls):  # a test may have patched something in this process only
        second = _digest_in_process(cls, (cls,), hash_seed="2")
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


def _digest_in_process(cls: type, classes: tuple[type, ...], hash_seed: str) -> str:
    """Return `state_digest` of a new process with this hash seed, which determines the order of sets.

    The process fits all `classes`, since its start takes longer than that.
    """
    answer = " "
    for group in (classes, (cls,)):  # alone, if another one ended the process
        if answer.startswith(" "):
            answer = _answers_of_process(frozenset(map(_address, group)), tuple(sys.path), hash_seed)[_address(cls)]
    if answer.startswith(" "):
        skip(f"it cannot be fitted in another process: {answer.strip()}")
    return answer


def _address(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


@cache
def _answers_of_process(addresses: frozenset[str], path: tuple[str, ...], hash_seed: str) -> dict[str, str]:
    """Fit classes in a new process: a digest for each address, or a space and the error."""
    code = (
        f"import json, sys; sys.path[:] = sys.argv[2:]; from {__name__} import digests_of; "
        "answers = digests_of(json.loads(sys.argv[1])); print('answers:' + json.dumps(answers))"
    )
    arguments = ("-c", code, json.dumps(sorted(addresses)), *path)
    variables = {"PYTHONHASHSEED": hash_seed}
    try:
        process = run_python(
            *arguments, variables=variables, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(addresses, f" it takes more than {TIMEOUT_SECONDS} seconds")
    except subprocess.CalledProcessError as error:
        return dict.fromkeys(addresses, f" {error.stderr.strip().splitlines()[-1:]}")
    answers: dict[str, str] = json.loads(process.stdout.rpartition("answers:")[2])
    return answers


def digests_of(addresses: list[str]) -> dict[str, str]:
    """Return the digest of the class at each `module:name`, or a space and the error."""
    answers = {}
    for address in addresses:
        module, _, name = address.partition(":")
        try:
            answers[address] = state_digest(operator.attrgetter(name)(importlib.import_module(module)))
        except Exception as error:
            answers[address] = f" {describe_exception(error)}"
    return answers
