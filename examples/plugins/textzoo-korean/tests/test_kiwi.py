"""The morphemes of Kiwi, and a run that learns from them."""

import sys
from pathlib import Path

import polars as pl
import pytest
from zoo_core import load_recipe, train
from zoo_core.errors import PluginError

from textzoo_korean import Kiwi
from textzoo_korean.morphemes import _load_analyzer


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["음식", "이", "맛있", "다"]),
        ({"grammar": False}, ["음식", "맛있"]),
        ({"grammar": False, "tags": True}, ["음식/NNG", "맛있/VA"]),
    ],
)
def test_words_are_split_into_morphemes(settings: dict[str, bool], expected: list[str]) -> None:
    found = Kiwi(**settings).tokenize(pl.Series(["음식이 맛있다", "", "good food"]))
    assert found.to_list()[:2] == [expected, []]
    assert [token.partition("/")[0] for token in found[2]] == ["good", "food"]


def test_a_missing_package_is_named_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    _load_analyzer.cache_clear()
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(PluginError, match="kiwipiepy is not installed") as caught:
        Kiwi().tokenize(pl.Series(["음식"]))
    assert caught.value.problems[0].hint == "pip install kiwipiepy"


def test_a_run_recognizes_a_stem_with_another_ending(tmp_path: Path) -> None:
    words = [("맛있다", "yes"), ("맛없다", "no")]
    rows = [f"{noun}이 {word},{label}" for word, label in words for noun in ("음식", "점심", "국물", "반찬") * 6]
    data = tmp_path / "rows.csv"
    data.write_text("text,label\n" + "\n".join(rows) + "\n", "utf-8")
    settings = ("vectorizer.tokenizer=kiwi", "training.device=cpu")
    run = train(load_recipe("text-fast").override(*settings), data, run=tmp_path / "run")
    assert list(run.predict(["빵이 맛있지", "빵이 맛없지"]).labels) == ["yes", "no"]
