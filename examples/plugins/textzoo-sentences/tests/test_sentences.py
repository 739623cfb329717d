"""The encoder's own vectors, and a run that learns from them."""

from pathlib import Path

import polars as pl
import sentence_transformers
import torch
from zoo_core import load_recipe, train
from zoo_core.features.tokens import tokenize_column

from textzoo_sentences import Sentences


def test_the_vectors_are_the_encoder_s() -> None:
    part = Sentences()
    texts = ["good food", "", "never", "good food"]
    found = part.fit(None, None).transform(tokenize_column(pl.Series(texts), part.tokenize))  # type: ignore[arg-type]
    wanted = torch.as_tensor(sentence_transformers.SentenceTransformer("tiny").encode(texts))
    torch.testing.assert_close(found.weights_or_ones, torch.where(torch.tensor([[1], [0], [1], [1]]) == 1, wanted, 0))


def test_a_run_learns_from_them(tmp_path: Path) -> None:
    rows = [f"{word} {thing},{label}" for word, label in (("good", "yes"), ("awful", "no")) for thing in "abcdefghijkl"]
    data = tmp_path / "rows.csv"
    data.write_text("text,label\n" + "\n".join(rows) + "\n")
    settings = ("vectorizer=sentences", "model=mlp", "training.epochs=40", "optimizer.lr=0.05", "training.device=cpu")
    run = train(load_recipe("text-mlp").override(*settings), data, run=tmp_path / "run")
    assert run.summary["metrics"]["test"]["accuracy"] == 1.0
    assert run.predict(["good x", "awful y"]).labels[0] == "yes"
