"""Vowpal Wabbit: logistic loss on words and word pairs, on files in its format, whose writing is timed too."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from vowpalwabbit import Workspace

from benchmarks.programs.files import Frames, main, separate_punctuation


def run(frames: Frames, settings: Mapping[str, Any]) -> dict[str, float]:
    """Train with `passes` and `learning_rate`; one class against the rest for more than two classes."""
    classes = sorted(frames["train"]["label"].unique().to_list())
    numbers = {label: number for number, label in enumerate(classes, start=1)}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.vw" for name in frames}
        actual = {}
        for name, frame in frames.items():
            actual[name] = np.array([numbers[label] for label in frame["label"]])
            targets = actual[name] if len(classes) > 2 else actual[name] * 2 - 3
            texts = separate_punctuation(frame["text"]).str.replace_all(r"[:|]", " ")
            lines = pl.select(
                pl.concat_str(pl.Series(targets).cast(pl.String), pl.lit("|t"), texts, separator=" ")
            ).to_series()
            paths[name].write_text("\n".join(lines.to_list()) + "\n", encoding="utf-8")
        model = f"{folder}/model"
        kind = f"--oaa {len(classes)}" if len(classes) > 2 else ""
        passes = settings.get("passes", 1)
        cache = f"--passes {passes} -k --cache_file {folder}/cache --holdout_off" if passes > 1 else ""
        rate = settings.get("learning_rate", 0.5)
        Workspace(
            f"-d {paths['train']} -f {model} --loss_function logistic --ngram t2 -b 22 -l {rate} {kind} {cache} --quiet"
        ).finish()
        accuracy = {}
        for name in ("val", "test"):
            predictions = f"{folder}/{name}.txt"
            Workspace(f"-t -i {model} -d {paths[name]} -p {predictions} --quiet").finish()
            values = np.loadtxt(predictions)
            predicted = values.astype(int) if len(classes) > 2 else np.where(values > 0, 2, 1)
            accuracy[name] = float((predicted == actual[name]).mean())
        return accuracy


if __name__ == "__main__":
    main(run)
