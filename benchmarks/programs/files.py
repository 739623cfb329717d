"""What every peer's program begins and ends with: reading the CSV file, shuffling, and one JSON object."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

SEED = 1337
Frames = dict[str, pl.DataFrame]


def read(options: argparse.Namespace) -> Frames:
    """The rows of each split, shuffled, in columns `text` and `label`, with polars: the quickest reader there is."""
    frame = pl.read_csv(options.file, infer_schema=False, empty_string_is_null=False)
    frame = frame.select(text=options.text, label=options.label, split=options.split)
    frame = frame.sample(fraction=1, shuffle=True, seed=SEED)
    return {name: frame.filter(pl.col("split") == name).drop("split") for name in ("train", "val", "test")}


def spaced(texts: pl.Series) -> pl.Series:
    """Lower case, punctuation set apart, no line breaks: what fastText's page on text classification advises."""
    return texts.str.to_lowercase().str.replace_all(r"([.!?,'/()\"])", " $1 ").str.replace_all(r"\s+", " ")


def main(run: Callable[[Frames, Mapping[str, Any]], dict[str, float]]) -> None:
    """Parse the command line, run the peer, print `{"val": accuracy, "test": accuracy}`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    for name in ("text", "label", "split"):
        parser.add_argument(f"--{name}", default=name)
    parser.add_argument("--settings", default="{}", help="a JSON object of the peer's own settings")
    options = parser.parse_args()
    print(json.dumps(run(read(options), json.loads(options.settings))))
