"""fastText for benchmarks.predict_million: `prepare CSV FOLDER ROWS TEXT LABEL SPLIT`, or `predict FOLDER CLASSES`.

`prepare` writes texts.txt and a trained model.bin, and prints the number of classes. `predict` writes the labels and
probabilities of each line, as fastText's `predict-prob` does.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import fasttext
import polars as pl

from benchmarks.programs.files import SEED, read_splits, separate_punctuation


def prepare(file: str, folder: str, rows: str, text: str, label: str, split: str) -> None:
    """Write the repeated and shuffled texts of val and test, one per line, and a model of the training rows."""
    frames = read_splits(Namespace(file=Path(file), text=text, label=label, split=split))
    texts = separate_punctuation(pl.concat([frames["val"]["text"], frames["test"]["text"]]))
    repeated = pl.concat([texts] * -(-int(rows) // len(texts))).head(int(rows)).shuffle(seed=SEED)
    (Path(folder) / "texts.txt").write_text("\n".join(repeated.to_list()) + "\n", encoding="utf-8")
    train = frames["train"]
    labels = "__label__" + train["label"].str.replace_all(r"\s+", "_")
    lines = pl.select(pl.concat_str(labels, separate_punctuation(train["text"]), separator=" ")).to_series()
    (Path(folder) / "train.ft").write_text("\n".join(lines.to_list()) + "\n", encoding="utf-8")
    model = fasttext.train_supervised(f"{folder}/train.ft", wordNgrams=2, epoch=5, thread=2, verbose=0)
    model.save_model(f"{folder}/model.bin")
    print(train["label"].n_unique())


def predict(folder: str, classes: str) -> None:
    """Predict all lines in one call, which is the fastest way from Python."""
    lines = (Path(folder) / "texts.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    labels, values = fasttext.load_model(f"{folder}/model.bin").predict(lines, k=int(classes))
    with (Path(folder) / "out").open("w", encoding="utf-8") as stream:
        for names, probabilities in zip(labels, values, strict=True):
            pairs = zip(names, probabilities, strict=True)
            stream.write(" ".join(f"{name} {probability:.6f}" for name, probability in pairs) + "\n")


if __name__ == "__main__":
    {"prepare": prepare, "predict": predict}[sys.argv[1]](*sys.argv[2:])
