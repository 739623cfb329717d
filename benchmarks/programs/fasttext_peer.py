"""fastText: `train_supervised` on files in its format, whose writing is timed too."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fasttext
import polars as pl

from benchmarks.programs.files import Frames, main, separate_punctuation


def run(frames: Frames, settings: Mapping[str, Any]) -> dict[str, float]:
    """Train with fastText's settings, by its names; tune for `autotuneDuration` seconds if given."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: str(Path(folder) / f"{name}.txt") for name in frames}
        for name, frame in frames.items():
            labels = "__label__" + frame["label"].str.replace_all(r"\s+", "_")
            lines = pl.select(pl.concat_str(labels, separate_punctuation(frame["text"]), separator=" ")).to_series()
            Path(paths[name]).write_text("\n".join(lines.to_list()) + "\n", encoding="utf-8")
        arguments = dict(settings)
        if "autotuneDuration" in arguments:
            arguments["autotuneValidationFile"] = paths["val"]
        model = fasttext.train_supervised(paths["train"], thread=2, verbose=0, **arguments)
        return {name: model.test(paths[name])[1] for name in ("val", "test")}


if __name__ == "__main__":
    main(run)
