"""Draw docs/pictures/architecture.svg: the packages by their import order, the highest on top.

python docs/architecture_picture.py
"""

from __future__ import annotations

from html import escape
from pathlib import Path

PICTURE = Path(__file__).resolve().parent / "pictures" / "architecture.svg"
WIDTH, ROW, GAP, MARGIN = 960, 44, 8, 16
ABOVE, CORE, BELOW = "#dbeafe", "#eef2f7", "#e2f0e4"  # command line and plugins, packages, modules at the root
ROWS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        ABOVE,
        (
            ("cli/zoo_cli", "commands, output, charts, scaffold"),
            ("plugins/zoo_…", "textbook, ngrams, formats, yelp; third parties"),
        ),
    ),
    (CORE, (("zoo_core/__init__", "the public names"), ("testing", "conformance checks for plugins"))),
    (
        CORE,
        (
            ("experiments", "swaps: variants, trials, statistics, results"),
            ("suspects", "labels that are likely wrong"),
        ),
    ),
    (CORE, (("training", "preparation, preflight, loop, checkpoints, pipeline"),)),
    (CORE, (("runs", "the run folder: write, lock, read; predict and explain"),)),
    (CORE, (("data", "targets, splits, audit, loading; files; download"),)),
    (CORE, (("recipes", "plan, compatibility, alternatives, schema, migration"),)),
    (CORE, (("config", "TOML, structure, merged layers, the zoo's settings"),)),
    (CORE, (("plots", "figures of components and runs"),)),
    (CORE, (("evaluation", "metrics, ranking, calibration, explanation"),)),
    (CORE, (("plugins", "found, loaded one at a time, registered; errors attributed"),)),
    (CORE, (("hookspecs", "every hook, on one screen"),)),
    (CORE, (("components", "contracts, settings, slots, class checks, table, head"),)),
    (CORE, (("features", "tokens, layouts, layers for bags, batches"),)),
    (
        BELOW,
        (
            ("messages, errors", "wording, exit codes"),
            ("seeds, memory, timing, parallel, child_process", "no knowledge of texts"),
            ("filesystem", "locks, reads, atomic writes"),
        ),
    ),
)


def draw_row(top: int, color: str, boxes: tuple[tuple[str, str], ...]) -> list[str]:
    """The boxes of one row, side by side."""
    width = (WIDTH - 2 * MARGIN - GAP * (len(boxes) - 1)) / len(boxes)
    parts = []
    for position, (name, content) in enumerate(boxes):
        left = MARGIN + position * (width + GAP)
        middle = top + ROW / 2 + 5
        parts.append(
            f'<rect x="{left:g}" y="{top}" width="{width:g}" height="{ROW}" rx="6" fill="{color}" stroke="#94a3b8"/>'
        )
        if len(boxes) == 1:
            parts.append(f'<text x="{left + 14:g}" y="{middle:g}" class="name">{escape(name)}</text>')
            parts.append(f'<text x="{left + 170:g}" y="{middle:g}">{escape(content)}</text>')
        else:
            parts.append(f'<text x="{left + 14:g}" y="{top + 18}" class="name">{escape(name)}</text>')
            parts.append(f'<text x="{left + 14:g}" y="{top + 35}">{escape(content)}</text>')
    return parts


def draw() -> str:
    """The whole picture, as SVG."""
    height = 2 * MARGIN + len(ROWS) * (ROW + GAP) - GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-label="The packages of textzoo by import order">',
        "<style>text { font: 14px sans-serif; fill: #1f2937 } .name { font: bold 14px monospace }</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for position, (color, boxes) in enumerate(ROWS):
        parts += draw_row(MARGIN + position * (ROW + GAP), color, boxes)
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(), "utf-8", newline="\n")
