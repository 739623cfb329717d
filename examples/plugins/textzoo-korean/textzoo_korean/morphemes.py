"""Morphemes by kiwipiepy, which is imported, and its model loaded, when the first text is split."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

import polars as pl
from zoo_core.errors import PluginError
from zoo_core.messages import suggest_install

GRAMMAR = ("J", "E")  # the first letters of the tags of particles and endings
_loading = Lock()  # tokenize() is called in several threads at once


def split_morphemes(texts: pl.Series, *, grammar: bool, tags: bool) -> pl.Series:
    """Texts → the morphemes of each, without spaces."""
    with _loading:
        analyzer = _load_analyzer()
    lists = [
        [
            f"{morpheme.form}/{morpheme.tag}" if tags else morpheme.form
            for morpheme in analyzer.tokenize(text)
            if grammar or not morpheme.tag.startswith(GRAMMAR)
        ]
        for text in texts.to_list()
    ]
    return pl.Series(lists, dtype=pl.List(pl.String))


@cache
def _load_analyzer() -> Any:
    """The analyzer, which may be used by several threads. Raises PluginError if kiwipiepy is missing."""
    try:
        from kiwipiepy import Kiwi
    except ModuleNotFoundError:
        message = 'tokenizer "kiwi": the package kiwipiepy is not installed'
        raise PluginError(message, hint=suggest_install("kiwipiepy")) from None
    return Kiwi(num_workers=1)
