"""Assignments as a user writes them, and the options that stand for some. Imports nothing: every command needs it."""

from __future__ import annotations

OPTIONS = {  # of commands that read data, by the setting that each of them sets
    "task.text": "--text",
    "task.label": "--label",
    "task.split": "--split",
    "reader": "--reader",
    "reader.delimiter": "--delimiter",
    "reader.encoding": "--encoding",
}
FLAGS = {("reader.header", "false"): "--no-header"}


class Assignment(str):
    """An assignment `KEY=VALUE`, and what the user wrote for it: `--epochs 5`."""

    written_as: str

    def __new__(cls, text: str, written_as: str) -> Assignment:
        assignment = super().__new__(cls, text)
        assignment.written_as = written_as
        return assignment
