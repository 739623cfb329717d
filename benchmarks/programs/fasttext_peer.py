"""fastText: `train_supervised` on files of its own format, written here, which counts."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fasttext
import polars as pl

from benchmarks.programs.files import Frames, main, spaced


def run(frames: Frames, settings: Mapping[str, Any]) -> dict[str, float]:
    """Train with fastText's own settings, given by its names; `autotuneDuration` seconds of tuning, if given."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: str(Path(folder) / f"{name}.txt") for name in frames}
        for name, frame in frames.items():
            labels = "__label__" + frame["label"].str.replace_all(r"\s+", "_")
            lines = pl.select(pl.concat_str(labels, spaced(frame["text"]), separator=" ")).to_series()
            Path(paths[name]).write_text("\n".join(lines.to_list()) + "\n", encoding="utf-8")
        own = dict(settings)
        if "autotuneDuration" in own:
            own["autotuneValidationFile"] = paths["val"]
        model = fasttext.train_supervised(paths["train"], thread=2, verbose=0, **own)
        return {name: model.test(paths[name])[1] for name in ("val", "test")}


if __name__ == "__main__":
    main(run)
