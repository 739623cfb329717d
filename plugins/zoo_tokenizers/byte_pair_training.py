"""Byte pairs learned from counted words, by the package tokenizers of Hugging Face, an extra."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import polars as pl

from zoo_core.data.files.extras import require_extra
from zoo_core.errors import PluginError, RecipeError
from zoo_core.features.tokens import Tokens
from zoo_tokenizers.byte_pairs import BytePairs

MAX_WORDS = 3_000_000  # that the package reads, about a second for a million; of more words, every second, third …
BATCH_WORDS = 1000
PART = "(?s).{1,1000}"  # of a word; the time that the package needs grows with the square of the length


def learn_byte_pairs(tokens: Tokens, *, vocabulary_size: int, min_frequency: int) -> BytePairs:
    """Learn pairs from the words of texts. Raises RecipeError if the vocabulary cannot hold their characters.

    A character that is too rare for the vocabulary is never in a pair that is frequent enough, and takes no place in
    it. The order of texts and the number of threads have no effect.
    """
    require_extra("tokenizers", "subwords", "subwords are learned", error=PluginError)
    counts = pl.DataFrame({"word": tokens.words, "count": tokens.counts()})
    step = max(1, -(-int(counts["count"].sum()) // MAX_WORDS))
    before = pl.col("count").cum_sum() // step
    counts = counts.with_columns(count=before - before.shift(1, fill_value=0)).filter(pl.col("count") > 0)
    counts = counts.with_columns(pl.col("word").str.extract_all(PART)).explode("word")
    min_frequency = max(1, min_frequency // step)
    characters = (
        counts.select(pl.col("word").str.split(""), "count").explode("word").group_by("word").agg(pl.sum("count"))
    )
    frequent = int((characters["count"] >= min_frequency).sum())
    if frequent > vocabulary_size:
        message = f"vocabulary_size is {vocabulary_size:,}, less than the {frequent:,} characters of the training texts"
        hint = f"set vocabulary_size to at least {frequent:,}, or raise min_frequency"
        raise RecipeError(f"tokenizer subwords: {message}", hint=hint)
    pairs = _train(counts, vocabulary_size + characters.height - frequent, min_frequency)
    return BytePairs({pair: rank for rank, pair in enumerate(pairs)})


def _train(counts: pl.DataFrame, size: int, min_frequency: int) -> list[tuple[str, str]]:
    """The pairs that the package learns, in order."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.trainers import BpeTrainer

    tokenizer = Tokenizer(BPE())
    trainer = BpeTrainer(vocab_size=size, min_frequency=min_frequency, show_progress=False)
    os.putenv("TOKENIZERS_PARALLELISM", "false")  # after work in threads it would warn whenever a process is forked
    tokenizer.train_from_iterator(_repeat_words(counts), trainer)
    return [(left, right) for left, right in json.loads(tokenizer.to_str())["model"]["merges"]]


def _repeat_words(counts: pl.DataFrame) -> Iterator[list[str]]:
    """Each word as often as it occurs, in batches."""
    for word, count in counts.iter_rows():
        for start in range(0, count, BATCH_WORDS):
            yield [word] * min(BATCH_WORDS, count - start)
