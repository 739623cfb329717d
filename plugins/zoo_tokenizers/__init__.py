"""Tokenizers: how normalized texts are split into tokens."""

from __future__ import annotations

from zoo_core import Tokenizer, hookimpl
from zoo_tokenizers.subwords import Subwords
from zoo_tokenizers.tokenizers import Bytes, Characters, Words


@hookimpl
def zoo_tokenizers() -> list[type[Tokenizer]]:
    return [Words, Subwords, Characters, Bytes]
