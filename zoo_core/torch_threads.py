"""What torch computes with: the number of its threads, which all threads of a program share, and no subnormal numbers.

Results depend on the number of threads and on torch's global generators. One training at a time has both for itself;
predictions in other threads change neither while it runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field

from zoo_core.errors import RecipeError
from zoo_core.forks import after_fork, check_fork


@define
class _Program:
    """What the threads of this program share: who trains, and who computes with which number of threads."""

    changed: threading.Condition = field(factory=threading.Condition)
    trainer: int | None = None  # a thread
    users: set[int] = field(factory=set)  # threads that compute with `number` threads of torch
    number: int = 0
    before: int = 0  # the number outside of all blocks

    def may_enter(self, number: int) -> bool:
        return not self.users or (self.trainer is None and self.number == number)


_program = _Program()
_known = threading.local()  # threads that torch has been used in


@contextmanager
def one_training() -> Iterator[None]:
    """Wait until no other thread of this program trains. Raises RecipeError inside a training of the same thread."""
    check_fork()
    program, thread = _program, threading.get_ident()
    with program.changed:
        if program.trainer == thread:
            raise RecipeError("a training cannot start inside another one", hint="start it when the other has ended")
        program.changed.wait_for(lambda: program.trainer is None)
        program.trainer = thread
    try:
        yield
    finally:
        with program.changed:
            program.trainer = None
            program.changed.notify_all()


@contextmanager
def torch_threads(number: int) -> Iterator[None]:
    """Set the number of threads of torch on the CPU inside the block, and restore it afterwards.

    Blocks with one number run at the same time, others one after the other. While another thread trains, the number
    stays as it is. Subnormal numbers count as 0 in the block.
    """
    check_fork(threads=number)
    program, thread = _program, threading.get_ident()
    if thread in program.users:
        yield
        return
    with program.changed:
        program.changed.wait_for(lambda: program.trainer not in (None, thread) or program.may_enter(number))
        enters = program.trainer in (None, thread)
        before = _enter(program, thread, number) if enters else 0
    try:
        with _flush_subnormal():
            yield
    finally:
        if enters:
            with program.changed:
                _leave(program, thread, before)
                program.changed.notify_all()


@contextmanager
def _flush_subnormal() -> Iterator[None]:
    """Take subnormal numbers, below 1.2e-38, for 0 in this thread and in the threads of torch that it starts.

    They change no result that counts, and a processor computes with them many times slower: gradients that vanish on
    the way to the first of 200 tokens made a step of a recurrent model take six times as long.
    """
    import torch

    had_flushed = flushes_subnormal()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(had_flushed)


def flushes_subnormal() -> bool:
    """Whether this thread takes subnormal numbers for 0."""
    import torch

    return not torch.full((1,), 2e-38).mul(0.25).item()


def _enter(program: _Program, thread: int, number: int) -> int:
    import torch  # here, because reading data and importing torch go on at the same time

    before = torch.get_num_threads()  # of this thread; a new thread starts with what was set last
    if program.users and not hasattr(_known, "torch") and before == program.number:
        before = program.before
    _known.torch = True
    if not program.users:
        program.before, program.number = before, number
    program.users.add(thread)
    torch.set_num_threads(number)
    return before


def _leave(program: _Program, thread: int, before: int) -> None:
    """Restore the number of this thread, and that of new threads: the one of the other users, if there are any."""
    import torch

    program.users.discard(thread)
    torch.set_num_threads(before)
    rest = program.number if program.users else program.before
    if rest != before:
        setter = threading.Thread(target=torch.set_num_threads, args=(rest,))
        setter.start()
        setter.join()


def _reset() -> None:
    global _program
    _program = _Program()


after_fork(_reset)
