"""The small sets of `benchmarks.small`: generated, rewritten, split; the peers and the table."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from benchmarks.small import transforms
from benchmarks.small.files import read_splits, write_rows, write_set
from benchmarks.small.generators import GENERATORS
from benchmarks.small.peers import PEERS, run_peer
from benchmarks.small.results import KeptResults, format_end, summarize
from benchmarks.small.sets import SETS, SmallSet, split_by_class


@pytest.mark.parametrize("name", GENERATORS)
def test_generated_texts_are_the_same_for_the_same_seed(name):
    made = GENERATORS[name](60, random.Random(3))
    assert made == GENERATORS[name](60, random.Random(3)) != GENERATORS[name](60, random.Random(4))
    assert len(made) == 60 and all(text.strip() and label for text, label in made)


def test_splits_share_no_text_and_have_the_same_classes():
    splits = SmallSet("tickets", 300, "tickets").draw(None, 0)
    texts = [text for pairs in splits.values() for text, _ in pairs]
    assert len(texts) == len(set(texts)) and len(splits["test"]) > len(splits["train"])
    assert {label for _, label in splits["train"]} == {label for _, label in splits["val"]}


def test_classes_keep_their_shares_and_tiny_ones_are_left_out():
    pairs = [(f"{label} {row}", label) for label, rows in (("a", 200), ("b", 40), ("c", 4)) for row in range(rows)]
    counts = {split: Counter(label for _, label in rows) for split, rows in split_by_class(pairs, 122).items()}
    assert counts["train"] == {"a": 70, "b": 14} and counts["val"] == {"a": 15, "b": 3}
    assert counts["test"] == {"a": 115, "b": 23}


def test_rewritten_texts_keep_words_apart_only_where_the_script_does():
    rng, text = random.Random(0), "The good food was good"
    assert transforms.unspaced(text, rng) == "Thegoodfoodwasgood"
    assert transforms.cyrillic(text, rng).split()[1] == transforms.cyrillic("good", rng)
    assert transforms.hangul(text, rng).split()[1] == transforms.hangul("good", rng) != "good"
    assert transforms.han("good", rng) in transforms.han(text, rng) and " " not in transforms.han(text, rng)
    assert transforms.inflected(text, rng).count(" ") == 4 >= transforms.half_spaced(text, rng).count(" ")


def test_a_set_is_written_once_and_read_back(tmp_path):
    path = write_set(SmallSet("logs", 80, "logs"), None, 1, tmp_path)
    stamp = path.stat().st_mtime_ns
    assert write_set(SmallSet("logs", 80, "logs"), None, 1, tmp_path).stat().st_mtime_ns == stamp
    splits = read_splits(path)
    assert [len(texts) == len(labels) > 0 for texts, labels in splits.values()] == [True] * 3


def test_there_are_enough_sets_of_the_promised_sizes():
    assert len(SETS) >= 20 and len({small.name for small in SETS}) == len(SETS)
    assert all(300 <= small.rows <= 10_000 for small in SETS)


@pytest.mark.slow
@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_learns(peer, tmp_path):
    pytest.importorskip({"scikit-learn": "sklearn", "fastText": "fasttext"}[peer])
    file = tmp_path / "words-0.csv"
    write_rows(file, ((f"{label} x{row}", label, split) for split in ("train", "val", "test")
                      for label in ("good", "bad") for row in range(12)))  # fmt: skip
    result = run_peer(peer, read_splits(file))
    assert result["test"] == 1.0 and result["settings"]


def test_results_are_kept_for_the_same_file_only(tmp_path):
    file, measured = tmp_path / "set-0.csv", []

    def measure():
        measured.append(1)
        return {"test": 0.5}

    for content in ("a", "a", "b"):
        file.write_text(content)
        kept = KeptResults(tmp_path / "peers.json").get(file, "peer", measure)
        assert kept["test"] == 0.5
    assert len(measured) == 2


def test_the_lead_is_over_the_better_peer():
    draws = [
        {"scikit-learn": {"test": 0.8}, "fastText": {"test": other}, "recipe": {"test": 0.85, "seconds": 1.0}}
        for other in (0.7, 0.9, 0.7)
    ]
    summary = summarize(draws, "recipe")
    assert summary["lead"] == pytest.approx(0.05) and summary["mean lead"] == pytest.approx(0.05 / 3)
    assert format_end({"a": summary}).startswith(
        "difference of medians: mean +5.00 points over 1 sets, worst +5.00 (a)"
    )
