"""Input and output of every peer: the CSV file, shuffled, and one JSON object."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

SEED = 1337
Frames = dict[str, pl.DataFrame]


def read_splits(options: argparse.Namespace) -> Frames:
    """Return the shuffled rows of each split, in the columns `text` and `label`; polars is the fastest reader."""
    frame = pl.read_csv(options.file, infer_schema=False, empty_string_is_null=False)
    frame = frame.select(text=options.text, label=options.label, split=options.split)
    frame = frame.sample(fraction=1, shuffle=True, seed=SEED)
    return {name: frame.filter(pl.col("split") == name).drop("split") for name in ("train", "val", "test")}


def separate_punctuation(texts: pl.Series) -> pl.Series:
    """Convert to lower case and separate punctuation, as fastText's page on text classification recommends."""
    return texts.str.to_lowercase().str.replace_all(r"([.!?,'/()\"])", " $1 ").str.replace_all(r"\s+", " ")


def main(run: Callable[[Frames, Mapping[str, Any]], dict[str, float]]) -> None:
    """Parse the command line, run the peer, print `{"val": accuracy, "test": accuracy}`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    for name in ("text", "label", "split"):
        parser.add_argument(f"--{name}", default=name)
    parser.add_argument("--settings", default="{}", help="a JSON object of the settings of the peer")
    options = parser.parse_args()
    print(json.dumps(run(read_splits(options), json.loads(options.settings))))
