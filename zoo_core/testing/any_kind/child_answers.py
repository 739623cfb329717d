"""What components do in another process: the exercise of each, as hashes of its results."""

from __future__ import annotations

import importlib
import json
import operator
import os
import sys
from pathlib import Path
from typing import Any

import torch
from attrs import evolve, field, frozen

from zoo_core.components.kinds import kind_of
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.plugin_source import PluginSource, describe_exception
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.plugins.single_file import MODULE_PREFIX, content_of, import_file
from zoo_core.testing.any_kind.generators import generator_states, own_generators
from zoo_core.testing.any_kind.other_settings import with_other_settings
from zoo_core.testing.checks import Subject
from zoo_core.testing.differences import digests_of
from zoo_core.testing.exercises import observe

OTHERS = 2  # components with other settings that are used before
MARK = "answers:"
PROCESSORS = 3  # of the other machine


@frozen
class Answer:
    """What a component did: hashes of its results by place; or why it could not be imported."""

    digests: dict[str, str] = field(factory=dict)
    seeded: str = ""  # the library whose global generator was changed by imports
    error: str = ""


def address_of(cls: type) -> tuple[str, str, str, str]:
    """Where another process finds a class: its module, its name, and the path and content of a single-file plugin."""
    module = cls.__module__
    if not module.startswith(MODULE_PREFIX):
        return module, cls.__qualname__, "", ""
    content = content_of(sys.modules[module]) or b""
    return module, cls.__qualname__, str(sys.modules[module].__file__), content.decode("utf-8", "surrogateescape")


def answer_here(subject: Subject) -> Answer:
    """What a component does in this process."""
    return Answer(digests_of(observe(subject)))


def main() -> None:
    """Answer for the classes at the addresses on standard input, as JSON."""
    request = json.load(sys.stdin)
    torch.set_num_threads(request["threads"])
    if request["others_first"]:
        setattr(os, "cpu_count", lambda: PROCESSORS)  # noqa: B010  # as on another machine
    classes, answers = {}, {}
    for address in map(tuple, request["addresses"]):
        try:
            classes[address] = _load(*address)
        except Exception as error:  # a plugin may raise anything
            answers[address] = Answer(error=describe_exception(error))
    registry = _registry_with(list(classes.values()))
    for address, cls in classes.items():
        answers[address] = _answer(registry, cls, others_first=request["others_first"])
    print(MARK + json.dumps([[list(address), _plain(answer)] for address, answer in answers.items()]))


def _plain(answer: Answer) -> dict[str, Any]:
    return {"digests": answer.digests, "seeded": answer.seeded, "error": answer.error}


def _load(module: str, name: str, path: str, content: str) -> type:
    if path:
        home: object = sys.modules.get(module) or import_file(Path(path), content.encode("utf-8", "surrogateescape"))
    else:
        home = importlib.import_module(module)
    found: type = operator.attrgetter(name)(home)
    return found


def _registry_with(classes: list[type]) -> Registry:
    entries = open_zoo().registry.entries
    known = {(entry.cls.__module__, entry.cls.__qualname__) for entry in entries}
    added = [
        Entry(kind_of(cls).name, cls.__dict__["name"], cls, PluginSource(f"checked-{at}", "checked", "", lambda: None))
        for at, cls in enumerate(classes)
        if (cls.__module__, cls.__qualname__) not in known
    ]
    return Registry((*entries, *added))


def _answer(registry: Registry, cls: type, *, others_first: bool) -> Answer:
    try:
        entry = registry.entry_for(cls)
        subject = Subject(build_component(registry, entry.kind, entry.qualified_name), entry, registry)
        with own_generators():
            before = generator_states()
            if others_first:
                for other in with_other_settings(subject, OTHERS):
                    observe(other)
            answer = answer_here(subject)
            after = generator_states()
    except Exception as error:  # a plugin may raise anything
        return Answer(error=describe_exception(error))
    changed = [name for name, state in before.items() if after[name] != state]
    return evolve(answer, seeded=" and ".join(changed))


if __name__ == "__main__":
    main()
