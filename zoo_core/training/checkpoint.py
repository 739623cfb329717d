"""Checkpoints: the state of a training, saved at intervals; the last two are kept, and a damaged one is skipped."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from zoo_core.errors import DataError, InputOutputError, RunFolderError
from zoo_core.filesystem.signals import defer_signals
from zoo_core.filesystem.writing import rename_file, write_file
from zoo_core.messages import warn
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.resume_info import restart_hint
from zoo_core.runs.staging import CHECKPOINT_FILES
from zoo_core.training.checkpoint_file import decode_checkpoint, encode_checkpoint

FORMAT = 4
MAX_STATE_BYTES = 64 * 1024 * 1024  # of a small model: the history of a long training
MAX_STATE_TO_MODEL = 64  # times the model's size: its optimizer's state, and the best weights


@define
class Checkpoint:
    """The checkpoints of an unfinished run, written at most every `interval_seconds`; after each epoch if that is 0.

    `training` identifies the training and `data_sha256` its data: no state of another training, or of other data, is
    restored.
    """

    folder: Path
    interval_seconds: float
    data_sha256: str
    training: str
    is_resumed: bool = False
    _last_save: float = field(factory=time.perf_counter, init=False)
    _has_newest: bool = field(default=False, init=False)  # a valid one, which becomes the one before
    _has_failed: bool = field(default=False, init=False)
    _max_bytes: int = field(default=MAX_STATE_BYTES, init=False)

    def save(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Store the state if the interval has passed. A kill leaves the last checkpoint or the one before whole.

        A disk that does not take it is reported once; the training goes on, and the next interval tries again.
        """
        if time.perf_counter() - self._last_save < self.interval_seconds:
            return
        try:
            content = {"format": FORMAT, "training": self.training, "data": self.data_sha256, "state": state()}
            data = encode_checkpoint(content)
            with defer_signals():
                self._write(data)
        except (TypeError, ValueError) as error:
            self.interval_seconds = math.inf
            warn(f"this run cannot be resumed: its state holds {error}")
        except (InputOutputError, MemoryError) as error:
            if not self._has_failed:
                warn(f"no checkpoint was saved: {error or 'out of memory'}; the training continues")
            self._has_failed = True
        self._last_save = time.perf_counter()

    def exists(self) -> bool:
        """Whether a state is stored."""
        return any(os.path.lexists(self.folder / name) for name in CHECKPOINT_FILES)

    def _write(self, data: bytes) -> None:
        if len(data) > self._max_bytes:
            raise ValueError(f"{len(data)} bytes, expected at most {self._max_bytes}")
        newest, previous = (self.folder / name for name in CHECKPOINT_FILES)
        if self._has_newest:
            self._has_newest = False
            try:
                rename_file(newest, previous)
            except OSError as error:
                raise InputOutputError(f"cannot write {previous}: {error.strerror}") from None
        write_file(newest, data)
        self._has_newest = True

    def load(self, model_bytes: int) -> Mapping[str, Any] | None:
        """Read the newest valid state of a training that is resumed; None if it has no checkpoint yet.

        `model_bytes` is the size of the model's weights, which limits the size of its checkpoints. A damaged file is
        reported, and the one before it is read. Raises RunFolderError if that one is damaged, too, or missing.
        """
        self._max_bytes = MAX_STATE_BYTES + MAX_STATE_TO_MODEL * model_bytes
        damaged: list[RunFolderError] = []
        paths = [self.folder / name for name in CHECKPOINT_FILES] if self.is_resumed else []
        for path in paths:
            if not os.path.lexists(path):
                continue
            try:
                state = self._read(path)
            except RunFolderError as error:
                damaged.append(error)
                continue
            if damaged:
                warn(f"{damaged[0]}; resuming from the checkpoint before it")
            self._has_newest = path == paths[0]
            return state
        if damaged:
            problem = damaged[0].problems[0]
            raise RunFolderError(problem.message, where=problem.where, hint=restart_hint(self.folder))
        return None

    def _read(self, path: Path) -> Mapping[str, Any]:
        try:
            data = read_regular_file(path, max_bytes=self._max_bytes)
        except RunFolderError as error:
            raise RunFolderError(f"damaged checkpoint: {error.problems[0].message}", where=str(path)) from None
        try:
            content = decode_checkpoint(data)
            if content["format"] != FORMAT:
                raise ValueError(f"got format {content['format']!r}, expected {FORMAT}")
            training, data_sha256, state = content["training"], content["data"], dict(content["state"])
        except (ValueError, KeyError, TypeError) as error:
            raise RunFolderError(f"damaged checkpoint: {error}", where=str(path)) from None
        if training != self.training:
            raise RunFolderError("this checkpoint is of another training", where=str(path))
        if data_sha256 != self.data_sha256:
            raise DataError(
                "the data was changed since this run started", hint="restore the file, or train into another folder"
            )
        return state
