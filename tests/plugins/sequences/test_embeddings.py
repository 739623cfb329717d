"""Embeddings: hashed vectors by hand, and the files of pretrained vectors, sound and unsound."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json

import numpy as np
import pytest
import torch
import zstandard
from safetensors.torch import save_file

from zoo_core import call_build, load_component
from zoo_core.errors import DataError, InputOutputError, RecipeError
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Sequence
from zoo_sequences.modules.embeddings import HashedVectors
from zoo_sequences.pretrained import blocks
from zoo_sequences.pretrained.files import read_vectors

NAMES = ["<PAD>", "<UNK>", "good", "Bad", "place"]
LINES = "good 1 2 3\nbad -1 0.5 1e-2\nother 4 5 6\n"
VECTORS = {"good": [1, 2, 3], "bad": [-1, 0.5, 0.01], "other": [4, 5, 6]}


@pytest.fixture
def start(zoo, tmp_path):
    """`start(content)`: the table of 5 tokens after it was started with a file of this content, and the report."""

    def started(content, name="vectors.txt", **settings):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        embedding = load_component("embedding", "vectors", zoo=zoo, file=str(path), dimensions=3, **settings)
        torch.manual_seed(1)
        table = call_build(embedding, num_features=5, feature_names=NAMES)
        ids = torch.tensor([2, 2, 3, 4, 1], dtype=torch.int32)
        train = EncodedSplit(Sequence(ids, torch.tensor([0, 3, 5]), 5), torch.tensor([0, 1]))
        with torch.no_grad():
            report = embedding.start(table, train=train, feature_names=NAMES)
        return table, report

    return started


def test_hashed_vectors_are_weighted_sums_of_buckets():
    module = HashedVectors(["<PAD>", "good", "bad"], dimensions=4, buckets=10, hashes=2, scale=1.0)
    digest = hashlib.blake2b(b"bad", digest_size=16).digest()
    buckets = [int.from_bytes(digest[at : at + 8], "little", signed=True) % 10 for at in (0, 8)]
    weights = module.importance.weight[2]
    expected = sum(weights[i] * module.vectors.weight[bucket] for i, bucket in enumerate(buckets))
    torch.testing.assert_close(module(torch.tensor([[2, 0]]))[0], torch.stack([expected, torch.zeros(4)]))


def test_a_file_sets_the_vectors_of_its_words(start):
    table, report = start(LINES)
    torch.testing.assert_close(table.weight[2], torch.tensor([1.0, 2, 3]))
    torch.testing.assert_close(table.weight[3], torch.tensor([-1, 0.5, 0.01]), msg="Bad has the vector of bad")
    assert not table.weight[0].any()
    assert report.pop("vectors").endswith("vectors.txt")
    assert report == {
        "sha256": hashlib.sha256(LINES.encode()).hexdigest(),
        "tokens": 4,
        "tokens with a vector": 2,
        "share of tokens": 0.5,
        "share of the training texts": pytest.approx(0.6),
    }


def test_case_as_it_is_comes_first(start):
    table, _ = start(LINES + "Bad 7 8 9\n")
    torch.testing.assert_close(table.weight[3], torch.tensor([7.0, 8, 9]))


def test_other_words_are_random_by_seed_and_as_spread(start):
    first, second = (start(LINES.replace("2", "200"))[0].weight[[1, 4]] for _ in range(2))
    assert torch.equal(first, second)
    assert first.abs().max() > 5


def test_tuned_or_not(start):
    assert start(LINES)[0].weight.requires_grad
    assert not start(LINES, tuned=False)[0].weight.requires_grad


FORMS = {
    "GloVe": LINES.encode(),
    "word2vec": b"3 3\n" + LINES.encode(),
    "fastText": b"3 3\n" + LINES.replace("\n", " \n").encode(),
    "Windows": b"\xef\xbb\xbf" + LINES.replace("\n", "\r\n").encode(),
    "tabs": LINES.replace(" ", "\t").encode(),
    "no last line break": LINES.rstrip().encode(),
    "an empty last line": LINES.encode() + b"\n",
    "words with spaces": b". . . 0 0 0\nat me@x.com 1 1 1\n" + LINES.encode(),
    "a number as the first word": b"7 1 2 3\n" + LINES.encode(),
    "gzip": gzip.compress(LINES.encode()),
    "bzip2": bz2.compress(LINES.encode()),
    "zstd in two frames": zstandard.compress(LINES[:15].encode()) + zstandard.compress(LINES[15:].encode()),
}


@pytest.mark.parametrize("block", [1 << 22, 16])
@pytest.mark.parametrize("form", FORMS)
def test_forms_of_files(tmp_path, form, block, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block)
    path = tmp_path / "vectors.any"
    path.write_bytes(FORMS[form])
    read = read_vectors(str(path), VECTORS, 3)
    assert {word: vector.tolist() for word, vector in read.vectors.items()} == {
        word: np.float32(vector).tolist() for word, vector in VECTORS.items()
    }
    assert read.sha256 == hashlib.sha256(FORMS[form]).hexdigest()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("words", ["metadata", "file"])
def test_safetensors(tmp_path, dtype, words):
    matrix = torch.tensor(list(VECTORS.values())).to(dtype)
    metadata = {"words": json.dumps(list(VECTORS))} if words == "metadata" else {}
    save_file({"vectors": matrix}, tmp_path / "v.safetensors", metadata)
    if words == "file":
        (tmp_path / "v.txt").write_text("\n".join(VECTORS) + "\n")
    read = read_vectors(str(tmp_path / "v.safetensors"), ["good", "bad", "none"], 3)
    assert {word: vector.tolist() for word, vector in read.vectors.items()} == {
        word: matrix[row].tolist() for row, word in enumerate(["good", "bad"])
    }


FAULTS = {
    "uneven": (LINES.replace("-1 0.5", "0.5"), ":2: this word has 2 numbers, expected 3"),
    "uneven, of a word that is not needed": (LINES.replace("4 5", "4"), ":3: this word has 2 numbers, expected 3"),
    "one number more": (LINES.replace("-1", "-1 7"), ":2: this word has more than 3 numbers"),
    "cut": (LINES[:-4], ":3: this word has 1 number, expected 3 (hint: the file may be cut"),
    "cut below its header": ("9 3\n" + LINES, ":1: the header says 9 words, the file has 3 (hint: the file may be cut"),
    "more than its header says": ("1 3\n" + LINES, ":1: the header says 1 word, the file has 3"),
    "a header of other vectors": (
        "3 5\n" + LINES,
        ":1: the vectors have 5 numbers, the setting dimensions is 3 (hint: --set",
    ),
    "another size": (
        "good 1 2\nbad 3 4\n",
        "have 2 numbers, the setting dimensions is 3 (hint: --set model.embedding.dimensions=2)",
    ),
    "Latin-1": (LINES.replace("other", "café").encode("latin-1"), ":3: not UTF-8 (byte 0xe9) (hint: convert it"),
    "binary": (b"3 3\ngood \x00\x80\x81\xff\n", ":2: not UTF-8 (byte 0x80) (hint: convert it"),
    "NaN": (LINES.replace("0.5", "nan"), ':2: not a finite number: nan, in the vector of "bad"'),
    "infinite": (LINES.replace("0.5", "1e300"), ":2: not a finite number"),
    "a word for a number": (LINES.replace("0.5", "half"), ':2: not a number: "half"'),
    "empty": ("", ": the file has no vectors"),
    "a header alone": ("0 3\n", ": the file has no vectors"),
    "no word in common": ("1 1 2 3\n2 4 5 6\n", "the file has no vector of any of 4 tokens"),
    "damaged gzip": (gzip.compress(LINES.encode() * 99)[:-20], "damaged gzip file"),
    "damaged zstd": (zstandard.compress(LINES.encode() * 99)[:-4], "damaged zstd file"),
    "zip": (b"PK\x03\x04" + bytes(30), "this is a zip archive (hint: unpack it first"),
    "one endless line": (b"x" * (1 << 23), ":1: this line is longer than 4 MiB"),
    "a header of no numbers": ("3 0\n" + LINES, ":1: the vectors have 0 numbers, the setting dimensions is 3"),
    "a negative header": ("-3 3\n" + LINES, ':1: invalid header: got "-3 3", expected the number of words'),
    "a header of a huge number": ("3 " + "9" * 5000 + "\n" + LINES, ':1: invalid header: got "3 999'),
    "a number of Python": (LINES.replace("0.5", "1_0"), ':2: not a number: "1_0"'),
    "too large together": ("good 3e38 -3e38 3e38\n", "the numbers of the vectors are too large: their standard dev"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_unsound_files(start, fault):
    content, message = FAULTS[fault]
    with pytest.raises(DataError) as error:
        start(content)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("tensors", "metadata", "message"),
    [
        ({"a": torch.ones(3, 3), "b": torch.ones(3, 3)}, {}, "expected one matrix of vectors, got 2"),
        ({"a": torch.ones(3, 4)}, {}, "the vectors have 4 numbers, the setting dimensions is 3"),
        ({"a": torch.ones(3, 3)}, {}, "no words for the vectors (hint: store the words as a JSON list"),
        ({"a": torch.ones(3, 3)}, {"words": '["good"]'}, 'the metadata "words" has 1 word for 3 vectors'),
        ({"a": torch.ones(3, 3)}, {"words": "[1, 2, 3]"}, "not a JSON list of words"),
        (
            {"a": torch.full((1, 3), torch.nan)},
            {"words": '["good"]'},
            'not a finite number in the vector of "good", row 1',
        ),
        (
            {"a": torch.ones(1, 3, dtype=torch.complex64)},
            {"words": '["good"]'},
            "the vectors are C64, expected F16, BF16, F32, F64",
        ),
    ],
)
def test_unsound_safetensors(tmp_path, tensors, metadata, message):
    save_file(tensors, tmp_path / "v.safetensors", metadata)
    with pytest.raises(DataError) as error:
        read_vectors(str(tmp_path / "v.safetensors"), VECTORS, 3)
    assert message in str(error.value)


def test_a_list_of_words_longer_than_the_matrix(tmp_path):
    save_file({"a": torch.ones(2, 3)}, tmp_path / "v.safetensors")
    (tmp_path / "v.txt").write_text("\n" * 9)
    with pytest.raises(DataError, match=r"v.txt has more words than the 2 vectors"):
        read_vectors(str(tmp_path / "v.safetensors"), VECTORS, 3)


def test_a_safetensors_file_that_is_none(tmp_path):
    (tmp_path / "v.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(DataError, match="not a safetensors file of vectors"):
        read_vectors(str(tmp_path / "v.safetensors"), VECTORS, 3)


def test_a_word_with_two_vectors_gets_the_first(start, caplog):
    table, _ = start(LINES + "good 9 9 9\n")
    torch.testing.assert_close(table.weight[2], torch.tensor([1.0, 2, 3]))
    assert 'vectors.txt:4: "good" has another vector before: the first is used' in caplog.text
    caplog.clear()
    start(LINES + "good 1 2 3.0\n")
    assert not caplog.text
    start(LINES + "good 9 9 9\n" * 3)
    assert '"good" has another vector before, as on 2 more lines: the first is used' in caplog.text
    assert len(caplog.records) == 1


def test_a_compressed_file_within_limits(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_MAX_MIB", "1")
    for name, compress in {"v.gz": gzip.compress, "v.bz2": bz2.compress, "v.zst": zstandard.compress}.items():
        (tmp_path / name).write_bytes(compress(b"\n" * (1 << 23)))
        with pytest.raises(DataError, match=r"decompresses to more than 1 MiB \(hint: .*ZOO_MAX_MIB=2"):
            read_vectors(str(tmp_path / name), VECTORS, 3)


def test_no_file(zoo, tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        read_vectors(str(tmp_path / "none.txt"), VECTORS, 3)
    with pytest.raises((DataError, InputOutputError)):
        read_vectors(str(tmp_path), VECTORS, 3)
    with pytest.raises(DataError, match="not a regular file"):
        read_vectors("/dev/zero", VECTORS, 3)
    for name in ("a\0b", "x" * 5000, "\ud800"):
        with pytest.raises(DataError, match="this is not the name of a file"):
            read_vectors(name, VECTORS, 3)
    with pytest.raises(DataError, match="not read from standard input"):
        read_vectors("-", VECTORS, 3)


def test_tokens_need_names(zoo, tmp_path):
    (tmp_path / "v.txt").write_text(LINES)
    embedding = load_component("embedding", "vectors", zoo=zoo, file=str(tmp_path / "v.txt"), dimensions=3)
    with pytest.raises(RecipeError, match="features with names"):
        embedding.start(call_build(embedding, num_features=5), train=None, feature_names=())
