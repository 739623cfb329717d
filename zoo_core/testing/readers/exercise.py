"""What readers do with the inputs of their kind."""

from __future__ import annotations

import contextlib
import io
from typing import cast

import polars as pl

from zoo_core.components.contracts import Reader
from zoo_core.errors import ZooError
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.readers.behavior import SMALL_FILES


@register_exercise("reader")
def exercise_reader(subject: Subject) -> list[pl.DataFrame]:
    """Return the table of each file that can be read."""
    frames = []
    for data in SMALL_FILES:
        with contextlib.suppress(ZooError):
            frames.append(cast(Reader, subject.component).read(io.BytesIO(data)))
    return frames
