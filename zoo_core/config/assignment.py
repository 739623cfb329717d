"""An assignment as a user wrote it. Imports nothing: the options of every command make assignments."""

from __future__ import annotations


class Assignment(str):
    """An assignment `KEY=VALUE`, and what the user wrote for it: `--epochs 5`."""

    written_as: str

    def __new__(cls, text: str, written_as: str) -> Assignment:
        assignment = super().__new__(cls, text)
        assignment.written_as = written_as
        return assignment
