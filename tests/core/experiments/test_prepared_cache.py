"""The cache of prepared data: what trials share, and what a vocabulary never sees."""

from __future__ import annotations

import re

import numpy as np
import pytest

from zoo_core.data import loading
from zoo_core.errors import DataError
from zoo_core.experiments import trials
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache, cache_keys
from zoo_core.experiments.trials import load_swap_table
from zoo_core.training import preparation


@pytest.fixture
def calls(monkeypatch):
    """The names of the expensive functions, in the order they are called."""
    names = []

    def count(module, name):
        function = getattr(module, name)

        def counted(*args, **kwargs):
            names.append(name)
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count(trials, "read_table")
    count(loading, "read_task_examples")
    count(loading, "tokenize_texts")
    count(preparation, "encode_splits")
    return names


def test_data_is_read_once_and_encoded_once_for_each_vectorizer_and_fold(mlp, reviews, tmp_path, run_swap, calls):
    swaps = ["vectorizer.cutoff=0,3", "model.activation=relu,tanh"]
    design = design_swap(mlp, swaps, data=str(reviews), rows=EvaluationRows(folds=3), seeds=2)
    assert calls == ["read_table", "read_task_examples"]
    calls.clear()
    records, _ = run_swap(design, tmp_path / "swap")
    assert [record["status"] for record in records] == ["done"] * (2 * 2 * 3 * 2)
    assert calls.count("read_table") == 1
    assert calls.count("read_task_examples") == 1
    assert calls.count("tokenize_texts") == 1  # only another tokenizer makes other tokens
    assert calls.count("encode_splits") == 2 * 3


def test_a_vocabulary_never_sees_the_rows_that_are_evaluated(mlp, reviews, tmp_path):
    file = tmp_path / "own.csv"  # each text has a word of its own
    text = reviews.read_text("utf-8")
    file.write_text(re.sub(r"\d", lambda digit: "qwxzvyjkfp"[int(digit[0])], text), "utf-8")
    table, plan = load_swap_table(mlp, str(file)), mlp.plan()
    cache = PreparedDataCache(table, EvaluationRows(folds=4))
    for fold in range(1, 5):
        vocabulary = set(cache.prepare(mlp, plan, fold).encoder.feature_names())
        rows = cache.split_examples(mlp, plan).folds[fold - 1].rows
        words = {name: {table.frame["review"][int(row)].split()[-1] for row in rows[name]} for name in rows}
        assert words["train"] and words["train"] <= vocabulary
        assert words["fold"] and words["val"] and not vocabulary & (words["fold"] | words["val"])


def test_groups_stay_in_one_fold(mlp, tmp_path, reviews):
    header, *lines = reviews.read_text("utf-8").splitlines()
    file = tmp_path / "grouped.csv"
    body = [f"{line},g{number // 8}" for number, line in enumerate(lines)]
    file.write_text("\n".join([f"{header},place", ",no label,g0", *body]) + "\n", "utf-8")
    table, plan = load_swap_table(mlp, str(file)), mlp.plan()
    split = PreparedDataCache(table, EvaluationRows(folds=3, group="place")).split_examples(mlp, plan)
    groups = table.frame["place"].gather(split.examples.row_numbers)
    assert len(split.folds) == 3
    for rows in (fold.rows for fold in split.folds):
        train, val, fold = (
            set(groups.gather(rows[name].astype(np.uint32)).to_list()) for name in ("train", "val", "fold")
        )
        assert train and val and fold
        assert not train & val and not train & fold and not val & fold


def test_rejects_an_unknown_group_column(mlp, reviews):
    table = load_swap_table(mlp, str(reviews))
    cache = PreparedDataCache(table, EvaluationRows(folds=3, group="shop"))
    with pytest.raises(DataError, match='missing column "shop": the columns are '):
        cache.prepare(mlp, mlp.plan(), 1)


def test_recipes_share_what_their_keys_have_in_common(mlp):
    one, two = (mlp.override(f"vectorizer.cutoff={cutoff}").plan() for cutoff in (1, 2))
    first, other_fold, other_cutoff = cache_keys(one, 1), cache_keys(one, 2), cache_keys(two, 1)
    assert (first.examples, first.tokens) == (other_fold.examples, other_fold.tokens)
    assert first.examples == other_cutoff.examples
    assert len({first.prepared, other_fold.prepared, other_cutoff.prepared}) == 3
