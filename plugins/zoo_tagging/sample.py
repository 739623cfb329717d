"""Synthetic questions of users of a kitchen shop, with the topics that each of them touches."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import polars as pl

from zoo_core.seeds import derive_seed

PHRASES = {  # of each topic: several ways to say something
    "delivery": "when does my parcel arrive|the courier left it outside|shipping takes so long|track my package",
    "payment": "my card was charged twice|can i pay by invoice|the voucher is not accepted|send me a receipt",
    "quality": "the handle broke|the coating peels off|it arrived with a crack|the lid does not fit",
    "recipes": "how long do i bake bread in it|is it good for risotto|a soup for ten people|can i fry fish with it",
    "returns": "how do i send it back|i want my money back|please exchange it|the label for the return is missing",
}
OPENINGS = "hello|good morning|please help|a question|dear team|sorry to ask again"
ITEMS = "pan|pot|wok|kettle|mixer|grater|oven|toaster|whisk|sieve|scale|knife|board|tray|bowl|jug"
TIMES = "today|yesterday|on monday|last week|in march|for my birthday|two days ago|at the fair"
BUYERS = "i bought|my sister bought|we ordered|a friend gave me|my office has|i found"
NO_TOPIC_SHARE = 8  # percent of the questions
NOISE_SHARE = 4  # percent of the topics that are not among the labels
SECOND_SHARE, THIRD_SHARE = 45, 12  # percent with a second and with a third topic


def make_questions(
    rows: int, seed: int, *, text: str | tuple[str, ...], label: str | tuple[str, ...], separator: str, split: str
) -> pl.DataFrame:
    """Return `rows` questions with columns of these names, as the settings of a task, the same for the same seed.

    A question has a phrase of each of its topics, none of them for 8 % of the questions, three at most.
    """
    bits = np.random.PCG64(derive_seed(seed, "sample"))  # its raw bits are the same on every machine and numpy version

    def below(end: int) -> int:
        return int(bits.random_raw()) % end

    topics = list(PHRASES)
    texts, sets, splits = [], [], []
    for row in range(rows):
        wanted = 0 if below(100) < NO_TOPIC_SHARE else 1 + (below(100) < SECOND_SHARE) + (below(100) < THIRD_SHARE)
        first = below(len(topics))
        chosen = sorted({topics[(first + step * (1 + below(2))) % len(topics)] for step in range(wanted)})
        story = f"{_pick(BUYERS, below)} the {_pick(ITEMS, below)} {_pick(TIMES, below)}"
        phrases = [*(_pick(PHRASES[topic], below) for topic in chosen), story, _pick(OPENINGS, below)]
        shift = below(len(phrases))
        texts.append(". ".join(phrases[shift:] + phrases[:shift]).capitalize() + ".")
        sets.append([topic for topic in chosen if below(100) >= NOISE_SHARE])
        splits.append(("train", "val", "test")[np.searchsorted((70, 85), row * 37 % 100, side="right")])
    names = (text,) if isinstance(text, str) else text
    columns = {name: texts if name == names[0] else [""] * rows for name in names}
    return pl.DataFrame({**columns, **_label_columns(label, separator, sets), split: splits})


def _pick(phrases: str, below: Callable[[int], int]) -> str:
    choices = phrases.split("|")
    return choices[below(len(choices))]


def _label_columns(label: str | tuple[str, ...], separator: str, sets: list[list[str]]) -> dict[str, list[str]]:
    """One column of labels, as JSON arrays if there is no separator, or a column of 0 and 1 for each."""
    if isinstance(label, str):
        return {label: [separator.join(labels) if separator else json.dumps(labels) for labels in sets]}
    named = zip(label, (topic for _ in label for topic in PHRASES), strict=False)
    return {name: [str(int(topic in labels)) for labels in sets] for name, topic in named}
