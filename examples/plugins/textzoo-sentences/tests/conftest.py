"""A tiny encoder made on the spot, in the place of the one that would be downloaded."""

from collections.abc import Iterator

import pytest
import sentence_transformers
import torch
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = ["[UNK]", "good", "great", "lovely", "bad", "awful", "food", "service", "the", "and", "never", "place"]


def tiny(_name: str, **_settings: object) -> sentence_transformers.SentenceTransformer:
    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    weights = torch.randn(len(WORDS), 8, generator=torch.Generator().manual_seed(1)).numpy()
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    return made(modules=[module], device="cpu")


made = sentence_transformers.SentenceTransformer


@pytest.fixture(autouse=True, scope="session")
def _tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentence_transformers, "SentenceTransformer", tiny)
        yield
