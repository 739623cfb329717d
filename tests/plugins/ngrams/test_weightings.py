"""Weightings against numpy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer

from zoo_core import memory
from zoo_core.components import fitted_weighting
from zoo_core.errors import InputOutputError
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear
from zoo_core.features.tokens import tokenize_column
from zoo_ngrams import feature_statistics
from zoo_ngrams.vectorizers import Ngrams
from zoo_ngrams.weightings import Binary, Count, LogCountRatio, Sublinear, TfIdf
from zoo_textbook.tokenizers import Spaces

TABLES = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 4), min_size=width, max_size=width), min_size=3, max_size=8)
)
COUNTS = torch.tensor([[3.0, 1, 0], [0, 2, 1], [1, 0, 0], [0, 0, 0]])


def bag_of(matrix):
    """A Bag of a matrix of counts."""
    rows, ids = matrix.nonzero(as_tuple=True)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), torch.bincount(rows, minlength=len(matrix)).cumsum(0)])
    return Bag(ids.int(), offsets, matrix[rows, ids].float(), matrix.shape[1])


def weigh(weighting, matrix, labels=None, norm="none"):
    """A matrix of counts → the weights of it, as a matrix, learned from itself."""
    counts = bag_of(matrix)
    labels = torch.arange(len(matrix)) % 2 if labels is None else torch.as_tensor(labels)
    return fitted_weighting.fit_weighting(weighting, norm, counts, labels)(counts).to_dense()


def assert_near(found, expected):
    torch.testing.assert_close(found.double(), torch.as_tensor(expected, dtype=torch.float64), rtol=1e-5, atol=1e-6)


def normalize_rows(matrix):
    return matrix / np.maximum(np.sqrt((matrix**2).sum(axis=1, keepdims=True)), 1e-30)


@pytest.mark.parametrize(
    ("weighting", "expected"),
    [
        (Binary(), [[1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 0]]),
        (Count(), [[3, 1, 0], [0, 2, 1], [1, 0, 0], [0, 0, 0]]),
        (Sublinear(), [[1 + np.log(3), 1, 0], [0, 1 + np.log(2), 1], [1, 0, 0], [0, 0, 0]]),
    ],
)
def test_local_weights(weighting, expected):
    assert_near(weigh(weighting, COUNTS), expected)
    assert weighting.global_weights(bag_of(COUNTS), torch.zeros(4, dtype=torch.int64)) is None


@given(TABLES, st.sampled_from([Binary(), Count(), Sublinear(), TfIdf(), LogCountRatio()]))
def test_l2_norm_divides_by_the_length(table, weighting):
    matrix = torch.tensor(table)
    bare = weigh(weighting, matrix).double().numpy()
    assert_near(weigh(weighting, matrix, norm="l2"), normalize_rows(bare))


def test_l2_norm_gives_rows_of_length_1():
    lengths = weigh(Sublinear(), COUNTS, norm="l2").norm(dim=1)
    torch.testing.assert_close(lengths, torch.tensor([1.0, 1.0, 1.0, 0.0]))


@pytest.mark.parametrize(("weighting", "norm", "ones"), [(Binary(), "none", True), (Binary(), "l2", False)])
def test_ones_are_not_stored(weighting, norm, ones):
    counts = bag_of(COUNTS)
    weigher = fitted_weighting.fit_weighting(weighting, norm, counts, torch.zeros(4, dtype=torch.int64))
    assert (weigher(counts).weights is None) is ones
    single = bag_of(torch.tensor([[0, 1, 0], [1, 0, 0]]))
    assert (weigher(single).weights is None) is ones
    assert_near(weigher(single).to_dense(), [[0, 1, 0], [1, 0, 0]])


def test_stores_weights_only_if_factors_do_not_determine_them():
    labels = torch.arange(4) % 2
    for weighting, stored_dtype in (
        (LogCountRatio(), None),
        (Binary(), None),
        (Count(), torch.uint8),
        (TfIdf(), torch.uint8),
        (Sublinear(), torch.float32),
    ):
        bag = fitted_weighting.fit_weighting(weighting, "l2", bag_of(COUNTS), labels)(bag_of(COUNTS))
        assert (None if bag.raw_weights is None else bag.raw_weights.dtype) == stored_dtype
        assert bag.weights.dtype == torch.float32


@given(TABLES, st.booleans(), st.sampled_from(["l2", "none"]))
def test_tf_idf_equals_scikit_learn(table, sublinear, norm):
    theirs = TfidfTransformer(norm=None if norm == "none" else norm, sublinear_tf=sublinear)
    expected = theirs.fit_transform(scipy.sparse.csr_matrix(np.array(table, dtype=np.float64)))
    assert_near(weigh(TfIdf(sublinear), torch.tensor(table), norm=norm), expected.toarray())


def test_tf_idf_of_texts_equals_scikit_learn():
    import polars as pl

    train = ["good food good", "bad food", "good bad bad place", "the place was good"]
    texts = ["good good place unheard", "", "unheard of", "food was bad bad bad"]
    vectorizer = Ngrams(words=(1, 2), min_df=1, tokenizer=Spaces(), weighting=TfIdf())
    encoder = vectorizer.fit(tokenize_column(pl.Series(train), vectorizer.tokenize), torch.tensor([1, 0, 0, 1]))
    theirs = TfidfVectorizer(ngram_range=(1, 2), tokenizer=str.split, token_pattern=None).fit(train)
    order = [theirs.vocabulary_[name] for name in encoder.feature_names()]
    assert sorted(order) == list(range(len(theirs.vocabulary_)))
    found = encoder.transform(tokenize_column(pl.Series(texts), vectorizer.tokenize)).to_dense()
    assert_near(found, theirs.transform(texts).toarray()[:, order])


def ratios(matrix, positive, alpha):
    """Wang & Manning 2012: r = log((p / ‖p‖₁) / (q / ‖q‖₁)), with p = α + Σ f over a class, q over the rest."""
    f = (matrix > 0).astype(np.float64)
    p, q = alpha + f[positive].sum(axis=0), alpha + f[~positive].sum(axis=0)
    return np.log((p / np.abs(p).sum()) / (q / np.abs(q).sum()))


@given(TABLES, st.sampled_from([0.1, 1.0, 5.0]), st.randoms(use_true_random=False))
def test_log_count_ratio_of_two_classes(table, alpha, random):
    labels = np.array([0, 1, *(random.randrange(2) for _ in table[2:])])
    matrix = np.array(table)
    expected = np.abs(ratios(matrix, labels == 1, alpha))
    found = LogCountRatio(alpha).global_weights(bag_of(torch.tensor(table)), torch.tensor(labels))
    assert found.dtype == torch.float32
    assert_near(found, expected)
    assert_near(weigh(LogCountRatio(alpha), torch.tensor(table), labels), (matrix > 0) * expected)


@given(TABLES, st.integers(3, 5), st.randoms(use_true_random=False))
def test_log_count_ratio_of_several_classes(table, classes, random):
    labels = np.array([classes - 1, *(random.randrange(classes) for _ in table[1:])])
    each = np.stack([ratios(np.array(table), labels == one, 1.0) for one in range(classes)])
    found = LogCountRatio().global_weights(bag_of(torch.tensor(table)), torch.tensor(labels))
    assert_near(found, np.sqrt((each**2).mean(axis=0)))


def test_known_ratio():
    """Three features; p = 1 + [2, 0, 1] = [3, 1, 2], q = 1 + [0, 1, 1] = [1, 2, 2]."""
    found = LogCountRatio().global_weights(
        bag_of(torch.tensor([[5, 0, 1], [1, 0, 0], [0, 2, 9]])), torch.tensor([1, 1, 0])
    )
    assert_near(found, np.abs(np.log([(3 / 6) / (1 / 5), (1 / 6) / (2 / 5), (2 / 6) / (2 / 5)])))


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_text_without_weight_has_no_gradient(outputs):
    """However large that is: its features say nothing, their weight must not become NaN."""
    counts = bag_of(COUNTS)
    bag = fitted_weighting.FittedWeighting(Binary(), torch.tensor([0.0, 2, 1e-30]), "l2")(counts)
    layer = BagLinear(3, outputs)
    (layer(bag.slice(2, 4)) * 1e6).sum().backward()
    assert torch.equal(layer.weight.grad, torch.zeros(3, outputs))
    assert_near(bag.to_dense(), [[0, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_log_count_ratios_times_a_power_of_idf(power):
    matrix, labels = COUNTS, [0, 1, 0, 1]
    ratios = weigh(LogCountRatio(), matrix, labels)
    frequency = (matrix > 0).sum(dim=0)
    idf = 1 + torch.log((1 + len(matrix)) / (1 + frequency))
    assert_near(weigh(LogCountRatio(idf=power), matrix, labels), ratios * idf**power)
    weights = torch.where(matrix > 0, (ratios.square() + 0.25).sqrt(), 0)
    assert_near(weigh(LogCountRatio(floor=0.5, idf=power), matrix, labels), weights * idf**power)


@pytest.mark.parametrize("labels", [[0, 1, 2, 0], [[1, 0, 1], [0, 1, 1], [0, 0, 0], [1, 1, 0]]])
def test_log_count_ratios_in_chunks(labels, monkeypatch):
    whole = weigh(LogCountRatio(), COUNTS, labels)
    monkeypatch.setattr(feature_statistics, "CHUNK_COUNTS", 3)
    torch.testing.assert_close(weigh(LogCountRatio(), COUNTS, labels), whole)


@pytest.mark.parametrize("labels", [[10**6], torch.zeros(1, 10**6)])
def test_counts_of_too_many_classes_are_refused(labels, monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 10**7)
    with pytest.raises(InputOutputError, match=r"counting 3 features of 1,000,00. classes takes 72 MB of memory"):
        weigh(LogCountRatio(), COUNTS[:1], labels)


def test_log_count_ratio_of_several_labels_a_text():
    """Of each label against the rest; the labels of a text may be none, or all."""
    generator = torch.Generator().manual_seed(4)
    table = torch.randint(0, 2, (40, 12), generator=generator)
    labels = torch.rand(40, 3, generator=generator) < 0.4
    each = np.stack([ratios(table.numpy(), column.numpy(), 1.0) for column in labels.unbind(1)])
    found = LogCountRatio().global_weights(bag_of(table), labels.float())
    assert_near(found, np.sqrt((each**2).mean(axis=0)))
    one_each = torch.randint(0, 3, (40,), generator=generator)
    of_classes = LogCountRatio().global_weights(bag_of(table), one_each)
    assert_near(LogCountRatio().global_weights(bag_of(table), torch.eye(3)[one_each]), of_classes.numpy())
