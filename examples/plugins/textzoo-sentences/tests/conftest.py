"""Tiny encoders with random weights, which depend on the name, instead of those that are downloaded."""

from collections.abc import Iterator
from zlib import crc32

import pytest
import sentence_transformers
import torch
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

SentenceTransformer = sentence_transformers.SentenceTransformer
SentenceTransformer = sentence_transformers.SentenceTransformer
WORDS = ["[UNK]", "good", "great", "lovely", "bad", "awful", "food", "service", "the", "and", "never", "place"]


def make_tiny_encoder(name: str, **_settings: object) -> sentence_transformers.SentenceTransformer:
    tokenizer = Tokenizer(WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    weights = torch.randn(len(WORDS), 8, generator=torch.Generator().manual_seed(crc32(name.encode()))).numpy()
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    return SentenceTransformer(modules=[module], device="cpu")


@pytest.fixture(autouse=True, scope="session")
def _tiny_encoder() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentence_transformers, "SentenceTransformer", make_tiny_encoder)
        yield
