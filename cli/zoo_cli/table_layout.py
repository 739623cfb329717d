"""The layout of a table in a terminal: columns side by side, folded where they are too wide, or one below the other.

No character of a table is lost, and no line is wider than the terminal. Widths are those of a terminal: letters of
Chinese, Japanese and Korean and emoji take two columns, combining characters none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen
from rich.cells import cell_len

GAP = 2  # columns between two cells; 1 if they do not fit otherwise
MIN_FOLDED = 10  # a column that is wider may be folded to this width
BREAKS = "-/.=,_:"
ZERO_WIDTH_JOINER = "\u200d"


@frozen
class TableLayout:
    """The lines of a table: its head, those of each row, and the names of columns that are left out."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    omitted: Sequence[str]


def lay_out(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, optional: Sequence[str] = ()
) -> TableLayout:
    """Lay out a table. If it is too wide even when folded, `optional` columns are left out, the first one first.

    If that does not suffice, each row is a list of `column: value`, with all columns. Optional columns without any
    value are never shown.
    """
    natural = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
    empty = {name for name, *cells in zip(columns, *rows, strict=True) if name in optional and not any(cells)}
    optional, omitted = [name for name in optional if name in columns and name not in empty], list[str]()
    for name, gap in [(None, GAP), *((name, GAP) for name in optional), (None, 1)]:
        omitted += [] if name is None else [name]
        shown = [position for position, column in enumerate(columns) if column not in {*omitted, *empty}]
        first = max(MIN_FOLDED, width // 3) if gap == GAP else MIN_FOLDED  # rows are told apart by their first cell
        widths = _fit([natural[position] for position in shown], width - gap * (len(shown) - 1), first)
        if widths is not None:
            head = _join_cells([columns[position] for position in shown], widths, gap)
            rule = "─" * min(width, sum(widths) + gap * (len(widths) - 1))
            lines = [_join_cells([row[position] for position in shown], widths, gap) for row in rows]
            return TableLayout([*head, rule], lines, omitted)
    return TableLayout([], [_stack_cells(columns, row, width) for row in rows], [])


def _fit(natural: Sequence[int], room: int, first: int) -> list[int] | None:
    """The widths of columns that fit side by side, the widest ones folded; None if they do not.

    No column is folded to less than MIN_FOLDED, and the first one not to less than `first`.
    """
    widths = [min(column, max(room, 0)) for column in natural]
    least = [min(column, first if position == 0 else MIN_FOLDED) for position, column in enumerate(natural)]
    if sum(least) > room:
        return None
    while sum(widths) > room:
        widest = max(
            (column for column in range(len(widths)) if widths[column] > least[column]), key=widths.__getitem__
        )
        widths[widest] -= 1
    return widths


def _join_cells(cells: Sequence[str], widths: Sequence[int], gap: int) -> list[str]:
    """The lines of one row: its cells side by side, folded to their widths."""
    folded = [fold_text(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for number in range(max(map(len, folded))):
        parts = [lines[number] if number < len(lines) else "" for lines in folded]
        padded = (pad_cells(part, width) for part, width in zip(parts, widths, strict=True))
        lines.append((" " * gap).join(padded).rstrip(" "))
    return lines


def _stack_cells(columns: Sequence[str], row: Sequence[str], width: int) -> list[str]:
    """The cells of one row below each other, with the names of their columns, and an empty line at the end."""
    lines = []
    for column, cell in zip(columns, row, strict=True):
        if cell:
            first, *others = fold_text(f"{column}: {cell}", width - GAP)
            lines += [first, *(f"{' ' * GAP}{line}" for line in others)]
    return [*lines, ""]


def pad_cells(text: str, width: int) -> str:
    """A text with spaces up to a width in columns of the terminal."""
    return text + " " * (width - cell_len(text))


def fold_text(text: str, width: int) -> list[str]:
    """Fold a text into lines of a width: at spaces, else after punctuation, else between characters as people see them.

    >>> fold_text("a long name", 6), fold_text("한국어", 4), fold_text("runs/yelp-mlp", 8)
    (['a long', 'name'], ['한국', '어'], ['runs/', 'yelp-mlp'])
    """
    lines, current = [""], 0
    for word in re.findall(r" +|[^ ]+", text):
        size = cell_len(word)
        if word[0] == " ":
            if current + size < width:
                lines[-1], current = lines[-1] + word, current + size
            else:
                current = width  # the break takes the place of the spaces
            continue
        if current and current + size > width:
            lines[-1], current = lines[-1].rstrip(" "), 0
            lines.append("")
        for piece in [word] if current + size <= width else _pieces(word, width):
            size = cell_len(piece)
            if current and current + size > width:
                lines.append("")
                current = 0
            lines[-1], current = lines[-1] + piece, current + size
    return [line.rstrip(" ") for line in lines]


def cut_text(text: str, width: int) -> str:
    """The beginning of a text on one line, at most `width` columns wide, with control characters escaped.

    >>> cut_text("a long name", 6), cut_text("한국어", 5), cut_text("short", 6)
    ('a lon…', '한국…', 'short')
    """
    from zoo_core.messages import escape_control_chars

    text = escape_control_chars(text)
    if cell_len(text) <= width:
        return text
    kept, room = "", width - 1
    for cluster in split_clusters(text):
        room -= cell_len(cluster)
        if room < 0:
            break
        kept += cluster
    return f"{kept}…"


def _pieces(word: str, width: int) -> Iterator[str]:
    """The pieces of a word that is too wide: they end at punctuation, or where they are as wide as a line."""
    piece = ""
    for cluster in split_clusters(word):
        if piece and (piece[-1] in BREAKS or cell_len(piece) + cell_len(cluster) > width):
            yield piece
            piece = ""
        piece += cluster
    yield piece


def split_clusters(text: str) -> Iterator[str]:
    """Split a text into characters as people see them, each with its marks, joined emoji in one piece.

    >>> list(map(len, split_clusters("e\\u0301a👩\\u200d💻")))
    [2, 1, 3]
    """
    cluster = ""
    for character in text:
        if cluster and cell_len(character) and not cluster.endswith(ZERO_WIDTH_JOINER):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster
