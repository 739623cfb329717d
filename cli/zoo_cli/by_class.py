"""The figures of each class and the confusion matrix, as tables."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from zoo_cli.drawing import note, print_table

if TYPE_CHECKING:
    from zoo_core.head import Head
    from zoo_core.inference import Scored
    from zoo_core.outcomes import Confusion

MOST = 20  # classes of a matrix that can be read


def draw(head: Head, scored: Scored) -> None:
    """Precision, recall, f1 and rows of each class; then a row for each true class, a column for each predicted."""
    from zoo_core import outcomes

    found = outcomes.by_class(head, scored.scores, scored.targets)
    click.echo()
    rows = [(one.label, f"{one.precision:.4f}", f"{one.recall:.4f}", f"{one.f1:.4f}", one.rows) for one in found]
    print_table(["class", "precision", "recall", "f1", "rows"], rows)
    if len(head.classes) > outcomes.MOST:
        note(f"The confusion matrix of {len(head.classes)} classes is left out.")
        return
    whole = outcomes.confusion(head, scored.scores, scored.targets)
    shown = whole.most_confused(MOST)
    if shown is not whole:
        note(f"Of {len(head.classes)} classes, the {MOST} of the most mistakes; --json has them all.")
    click.echo()
    matrix(shown)


def matrix(shown: Confusion) -> None:
    """Columns by their names; on a terminal by the numbers of their rows, and in blocks as wide as it is."""
    size = len(shown.classes)
    if not sys.stdout.isatty():
        rows = [(name, *row) for name, row in zip(shown.classes, shown.counts, strict=True)]
        print_table(["true \\ predicted", *shown.classes], rows)
        return
    numbers = [str(number) for number in range(1, size + 1)]
    names = [f"{number:>2} {name[:30]}" for number, name in zip(numbers, shown.classes, strict=True)]
    cell = 2 + max(len(str(count)) for row in shown.counts for count in row)
    room = shutil.get_terminal_size().columns - max(len("true \\ predicted"), *map(len, names)) - 2
    block = max(2, room // max(cell, 4))
    for start in range(0, size, block):
        stop = min(start + block, size)
        rows = [(name, *(n or "·" for n in row[start:stop])) for name, row in zip(names, shown.counts, strict=True)]
        print_table(["true \\ predicted", *numbers[start:stop]], rows)
