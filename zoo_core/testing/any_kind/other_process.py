"""Components give the same results in another process, for every kind of component."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import torch

from zoo_core.child_process import run_python
from zoo_core.filesystem.temporary import scratch_folder
from zoo_core.testing.any_kind import child_answers
from zoo_core.testing.any_kind.child_answers import MARK, Answer, address_of, answer_here
from zoo_core.testing.checks import Subject, register_check, skip

TIMEOUT_SECONDS = 600
TIME_ZONE = "Pacific/Kiritimati"  # 14 hours ahead

Address = tuple[str, str, str, str]


@register_check("", "the same seed must give the same numbers in every process, on every machine", slow=True)
def same_in_another_process(subject: Subject) -> None:
    first = _answer_of_process(subject, hash_seed="1", elsewhere=True)
    if first.error:
        skip(f"it cannot be used in another process: {first.error}")
    assert not first.seeded, f"importing its modules seeds the global generator of {first.seeded}, or draws from it"
    here = answer_here(subject)
    if first.digests == here.digests:
        return
    second = _answer_of_process(subject, hash_seed="2", elsewhere=False)
    if second.digests == first.digests:  # something is patched in this process only
        return
    unlike = [place for place, digest in second.digests.items() if first.digests.get(place) != digest]
    place = next(filter(None, unlike), "its result")
    raise AssertionError(
        f"{place} differs between two processes: it may depend on the order of a set, on hash(), on the folder or "
        "time zone, or on what was used before"
    )


def _answer_of_process(subject: Subject, *, hash_seed: str, elsewhere: bool) -> Answer:
    """What the component does in a new process with this hash seed, which determines the order of sets.

    `elsewhere`: in another folder and time zone, after components with other settings. The process serves all that
    are checked together, since its start takes longer than that.
    """
    address = address_of(subject.entry.cls)
    together = {address, *(address_of(entry.cls) for entry in subject.together)}
    for addresses in (frozenset(together), frozenset({address})):  # alone, if another one ended the process
        answers = _answers_of_process(addresses, tuple(sys.path), hash_seed, elsewhere)
        if address in answers:
            return answers[address]
    return Answer(error="the process ended")


@cache
def _answers_of_process(
    addresses: frozenset[Address], path: tuple[str, ...], hash_seed: str, elsewhere: bool
) -> dict[Address, Answer]:
    """Use classes in a new process: an answer for each address, or none if the process ended."""
    code = f"import sys; sys.path[:] = sys.argv[1:]; from {child_answers.__name__} import main; main()"
    request = {
        "addresses": sorted(addresses),
        "threads": torch.get_num_threads(),
        "others_first": elsewhere,
    }
    variables = {"PYTHONHASHSEED": hash_seed} | ({"TZ": TIME_ZONE} if elsewhere else {})
    with scratch_folder() as folder:
        try:
            process = run_python(
                *("-c", code, *(str(Path(entry).absolute()) for entry in path)),
                variables=variables,
                input=json.dumps(request),
                cwd=folder if elsewhere else None,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return {}
    found = process.stdout.rpartition(MARK)[2]
    if process.returncode or MARK not in process.stdout:
        return {}
    return {tuple(address): Answer(**answer) for address, answer in json.loads(found)}
