"""fastText, asked: `MODEL TEXTS OUT` writes each line's labels and their probabilities, as `predict-prob` does."""

from __future__ import annotations

import sys
from pathlib import Path

import fasttext


def main(model: str, texts: str, out: str, classes: int) -> None:
    """All lines in one call, which is the quickest way from Python."""
    lines = Path(texts).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    labels, values = fasttext.load_model(model).predict(lines, k=classes)
    with Path(out).open("w", encoding="utf-8") as stream:
        for names, chances in zip(labels, values, strict=True):
            pairs = zip(names, chances, strict=True)
            stream.write(" ".join(f"{name} {chance:.6f}" for name, chance in pairs) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:4], classes=int(sys.argv[4]))
