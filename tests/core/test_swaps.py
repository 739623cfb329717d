"""Swaps as a whole: what cells share, what they never see, and the same bytes as a training alone."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest

from zoo_core import train
from zoo_core.data import loading
from zoo_core.errors import DataError, RecipeError, RunFolderError
from zoo_core.experiments import analysis, prepared_cache, trials
from zoo_core.experiments.analysis import compare_variants, paired_result
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache
from zoo_core.experiments.results import summarize_swap, to_dict
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.experiments.wording import SentenceStyle, comparison_sentence
from zoo_core.training import preparation


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch):
    """Two thousand draws take a second for each cell."""
    monkeypatch.setattr(analysis, "BOOTSTRAP_SAMPLES", 200)


@pytest.fixture
def mlp(small):
    return small("training.epochs=2", "model.hidden=[8]", name="yelp-mlp")


def swapped(design, folder, **how):
    with open_swap_folder(design, str(folder)) as place:
        records = run_trials(design, place, on_record=lambda _record: None)
        return records, summarize_swap(design, place, records, **how)


def test_texts_are_tokenised_once_and_fitted_once_for_each_vectorizer_and_fold(mlp, reviews, tmp_path, monkeypatch):
    calls = []
    for module, name in (
        (loading, "tokenize_texts"),
        (preparation, "encode_splits"),
        (loading, "read_examples"),
        (trials, "read_table"),
    ):
        real = getattr(module, name)

        def counted(*args, _real=real, _name=name, **kwargs):
            calls.append(_name)
            return _real(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)
    swaps = ["vectorizer.cutoff=0,3", "model.activation=relu,tanh"]
    design = design_swap(mlp, swaps, data=str(reviews), rows=EvaluationRows(folds=3), seeds=2)
    calls.clear()
    records, _ = swapped(design, tmp_path / "swap")
    assert len(records) == 2 * 2 * 3 * 2
    assert (calls.count("read_table"), calls.count("tokenize_texts"), calls.count("encode_splits")) == (
        1,
        2,
        2 * 3,
    )  # its cut may depend on any setting


def test_a_vocabulary_never_sees_the_rows_that_are_judged(mlp, reviews, tmp_path):
    file = tmp_path / "own.csv"  # each text has a word of its own
    file.write_text(re.sub(r"\d", lambda digit: "qwxzvyjkfp"[int(digit[0])], reviews.read_text()))
    table = trials.load_swap_table(mlp, str(file), "")
    shared = PreparedDataCache(table, "", EvaluationRows(folds=4))
    for fold in range(1, 5):
        prepared = shared.prepare(mlp, fold)
        rows = shared._examples[2][fold - 1]
        known = set(prepared.encoder.feature_names())
        words = {name: {table.frame["review"][int(at)].split()[-1] for at in own} for name, own in rows.items()}
        assert words["train"] <= known and not known & (words["fold"] | words["val"])


def test_a_cell_is_the_bytes_of_a_training_alone(mlp, reviews, tmp_path):
    design = design_swap(mlp, ["model.activation=relu,prelu"], data=str(reviews), seeds=2)
    records, _ = swapped(design, tmp_path / "swap")
    for record in records:
        part = design.variants.compatible[record["variant"]].name
        recipe = mlp.override(f"model.activation={part}", f"training.seed={record['seed']}")
        alone = train(recipe, reviews, run=tmp_path / record["trial"])
        own = tmp_path / "swap" / "trials" / record["trial"]
        for name in ("model.safetensors", "metrics.jsonl", "recipe.toml", "parts.json", "encoder.json"):
            assert (own / name).read_bytes() == (alone.folder / name).read_bytes(), name


def test_the_test_split_is_neither_encoded_nor_scored_unless_asked_for(mlp, reviews, tmp_path):
    for on, names in (("val", {"val"}), ("test", {"val", "test"})):
        design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(reviews), seeds=1, rows=EvaluationRows(on))
        records, results = swapped(design, tmp_path / on)
        result = json.loads((tmp_path / on / "trials" / records[0]["trial"] / "result.json").read_bytes())
        assert set(result["metrics"]) == names and set(result["rows"]) == {"train", *names}
        assert to_dict(results, tmp_path)["evaluated_on"] == on


def test_each_fold_has_seeds_of_its_own_and_each_choice_the_same(mlp, reviews):
    design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(reviews), seeds=2, rows=EvaluationRows(folds=3))
    seeds = {(cell.variant, cell.fold): set() for cell in design.trials()}
    for cell in design.trials():
        seeds[cell.variant, cell.fold].add(cell.seed)
    assert all(seeds[0, fold] == seeds[1, fold] for fold in (1, 2, 3))
    assert len(set.union(*(seeds[0, fold] for fold in (1, 2, 3)))) == 6


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"data": "-"}, "a pipe cannot"),
        ({"data": os.devnull}, "a pipe cannot"),
        ({"rows": EvaluationRows(group="rating")}, "--group is for folds"),
        ({"rows": EvaluationRows("test", 3)}, "two ways to judge"),
        ({"rows": EvaluationRows(folds=1)}, "folds are 2 or more"),
    ],
)
def test_what_cannot_be_designed(mlp, how, said):
    with pytest.raises(RecipeError, match=said):
        design_swap(mlp, ["optimizer.lr=0.1,0.01"], **how)


def test_data_that_changed_is_refused(mlp, reviews, tmp_path):
    file = tmp_path / "reviews.csv"
    file.write_bytes(reviews.read_bytes())
    design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(file), seeds=1)
    file.write_bytes(reviews.read_bytes().replace(b"food", b"meal"))
    with pytest.raises(DataError, match="changed since the swap began"):
        swapped(design, tmp_path / "swap")


def test_folds_by_group_and_the_column_that_is_not_there(mlp, tmp_path, reviews):
    lines = reviews.read_text().splitlines()
    file = tmp_path / "grouped.csv"
    dropped = ",no label at all,g0"
    body = [f"{line},g{at // 8}" for at, line in enumerate(lines[1:])]
    file.write_text("\n".join([f"{lines[0]},place", dropped, *body]) + "\n")
    table = trials.load_swap_table(mlp, str(file), "")
    shared = PreparedDataCache(table, "", EvaluationRows(folds=3, group="place"))
    shared.prepare(mlp, 1)
    examples, folds = shared._examples[1:]
    groups = table.frame["place"].gather(examples.row_numbers)
    for rows in folds:
        own = [set(groups.gather(at.astype(np.uint32)).to_list()) for at in rows.values()]
        assert not own[0] & own[1] and not own[0] & own[2] and not own[1] & own[2]
    with pytest.raises(RecipeError, match='there is no column "shop" to group by'):
        PreparedDataCache(table, "", EvaluationRows(folds=3, group="shop")).prepare(mlp, 1)


@pytest.mark.parametrize("spoil", ["{", '{"status": "done"}', '{"trial": "x"}'])
def test_a_record_that_was_tampered_with_is_refused(mlp, reviews, tmp_path, spoil):
    design = design_swap(mlp, [], data=str(reviews), seeds=1)
    swapped(design, tmp_path / "swap")
    (record,) = (tmp_path / "swap" / "records").glob("*.json")
    record.write_text(spoil)
    with pytest.raises(RunFolderError):
        swapped(design, tmp_path / "swap")


def test_scores_that_were_tampered_with_are_refused(mlp, reviews, tmp_path):
    design = design_swap(mlp, [], data=str(reviews), seeds=1)
    swapped(design, tmp_path / "swap")
    (kept,) = (tmp_path / "swap" / "records").glob("*.safetensors")
    kept.write_bytes(b"\x80\x04.")
    with pytest.raises(RunFolderError, match="no scores of a cell"):
        swapped(design, tmp_path / "swap")


def test_losses_are_not_compared_by_their_loss_and_what_each_metric_needs(mlp, reviews, tmp_path):
    design = design_swap(mlp, ["loss=cross-entropy,hinge"], data=str(reviews), seeds=1)
    _, results = swapped(design, tmp_path / "swap")
    assert results.metric == "accuracy"
    for metric, said in (
        ("loss", "different losses"),
        ("log-loss", "needs probabilities"),
        ("acuracy", 'did you mean "accuracy"?'),
    ):
        with pytest.raises(RecipeError) as caught:
            swapped(design, tmp_path / "swap", metric=metric)
        assert said in str(caught.value)
    _, again = swapped(design, tmp_path / "swap", metric="f1")
    assert again.comparisons[0].result.test == "paired bootstrap"


def cell(hits):
    from zoo_core.experiments.analysis import TrialScores

    return TrialScores(float(np.mean(hits)), len(hits), 100, correct=np.asarray(hits))


def test_one_training_speaks_of_models_and_several_of_parts():
    draw = np.random.default_rng(0)
    worse = {(seed, 0): cell(draw.random(400) < 0.6) for seed in range(4)}
    better = {place: cell(own.correct | (draw.random(400) < 0.5)) for place, own in worse.items()}
    words = SentenceStyle(as_percentage_points=True, higher_is_better=True, min_effect=0.005, row_noun="rows")
    (parts,) = compare_variants(["a", "b"], [worse, better], higher_is_better=True)
    (models,) = compare_variants(["a", "b"], [{(0, 0): worse[0, 0]}, {(0, 0): better[0, 0]}], higher_is_better=True)
    assert (parts.verdict, parts.scope, models.verdict, models.scope) == ("better", "components", "better", "models")
    assert comparison_sentence(parts, words).startswith("b beats a by ") and "model" not in comparison_sentence(
        parts, words
    )
    assert "tells nothing of the parts" in comparison_sentence(models, words)
    (back,) = compare_variants(["b", "a"], [better, worse], higher_is_better=True)
    assert back.verdict == "worse" and comparison_sentence(back, words) == comparison_sentence(parts, words)
    (lower,) = compare_variants(["a", "b"], [worse, better], higher_is_better=False)
    assert lower.verdict == "worse"


def test_cells_are_paired_by_seed_and_fold_and_those_without_a_partner_left_out():
    one, two = ({(seed, 0): cell([True, False, True, True]) for seed in range(3)} for _ in range(2))
    del two[1, 0]
    found = paired_result(one, two)
    assert found is not None and found[1] == 2
    assert paired_result({}, two) is None
    assert paired_result({(0, 1): one[0, 0]}, {(0, 1): one[0, 0]}) is None  # a single fold


def test_tokens_are_shared_by_what_is_cut_alike(mlp):
    one, two = (mlp.override(f"vectorizer.cutoff={cutoff}").plan() for cutoff in (1, 2))
    assert prepared_cache.cache_keys(one, 1)[:2] == prepared_cache.cache_keys(one, 2)[:2]
    assert prepared_cache.cache_keys(one, 1)[0] == prepared_cache.cache_keys(two, 1)[0]
    assert (
        len(
            {
                prepared_cache.cache_keys(one, 1)[2],
                prepared_cache.cache_keys(two, 1)[2],
                prepared_cache.cache_keys(one, 2)[2],
            }
        )
        == 3
    )
