"""The embeddings of the encoder, and a run that learns from them."""

from pathlib import Path

import polars as pl
import sentence_transformers
import torch
from zoo_core import load_recipe, train
from zoo_core.features.layouts import Dense
from zoo_core.features.tokens import tokenize_column

from textzoo_sentences import Sentences


def test_features_are_embeddings_of_the_encoder() -> None:
    vectorizer = Sentences()
    texts = ["good food", "", "never", "good food"]
    tokens = tokenize_column(pl.Series(texts), vectorizer.tokenize)
    features = vectorizer.fit(None, None).transform(tokens)  # type: ignore[arg-type]
    embeddings = torch.as_tensor(sentence_transformers.SentenceTransformer(vectorizer.encoder).encode(texts))
    has_text = torch.tensor([[True], [False], [True], [True]])
    assert isinstance(features, Dense)
    torch.testing.assert_close(features.values, torch.where(has_text, embeddings, 0))


def test_a_run_learns_from_embeddings(tmp_path: Path) -> None:
    rows = [f"{word} {thing},{label}" for word, label in (("good", "yes"), ("awful", "no")) for thing in "abcdefghijkl"]
    data = tmp_path / "rows.csv"
    data.write_text("text,label\n" + "\n".join(rows) + "\n")
    settings = ("vectorizer=sentences", "model=mlp", "training.epochs=40", "optimizer.lr=0.05", "training.device=cpu")
    run = train(load_recipe("text-mlp").override(*settings), data, run=tmp_path / "run")
    assert run.summary["metrics"]["test"]["accuracy"] == 1.0
    assert run.predict(["good x", "awful y"]).labels[0] == "yes"
