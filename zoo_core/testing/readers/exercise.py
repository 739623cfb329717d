"""What readers do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from zoo_core.components.contracts import Reader
from zoo_core.config.structure import build_component
from zoo_core.errors import ZooError
from zoo_core.testing.any_kind.calls import without_recording
from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.readers.behavior import SMALL_FILES
from zoo_core.testing.readers.files import FORMATS, TABLES
from zoo_core.testing.readers.known_files import read, reader_of

EXERCISED = ("quotes", "newlines", "12 rows", "spaces at the ends", "a long value")


@register_exercise("reader")
def exercise_reader(subject: Subject) -> list[object]:
    """Return whether each file is recognized, and the table of each that can be read."""
    reader = reader_of(subject)
    files = [*SMALL_FILES, *_examples(subject, reader)]
    for format_ in (group[0] for group in FORMATS):
        files += [format_.write(format_.holds(TABLES.makers[name]()), "\n") for name in EXERCISED]
    files.append(b'{"text": "a", "parts": {"n": [1, 2]}, "list": ["x"]}\n')
    files.append(b'[{"text": "a", "list": ["x"]}]\n')
    results: list[object] = []
    for data in files:
        results.append(reader.sniff(data[: 1 << 16]))
        try:
            results.append(read(reader.resolve(data[: 1 << 16])[0], data))
        except (ZooError, UnicodeError) as error:
            results.append(str(error))
    return results


def _examples(subject: Subject, reader: Reader) -> list[bytes]:
    """The example files, and those of the default settings, which other settings may read in another way."""
    default = cast(Reader, build_component(subject.registry, "reader", {"use": subject.entry.qualified_name}))
    with without_recording():
        return [data for each in dict.fromkeys((reader, default)) for data, _ in each.example()]
