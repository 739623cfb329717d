"""Guesses of the columns that hold texts, labels and splits, by their names and their values."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import polars as pl

from zoo_core.data.splits import SPLIT_ALIASES, SPLIT_NAMES
from zoo_core.messages import suggest

Role = Literal["text", "label", "split"]
HEAD_ROWS = 2000  # by which columns are guessed
MAX_CLASSES = 60
MAX_LABEL_CHARS = 60
KNOWN_NAME, PART_OF_NAME, SIMILAR_NAME = 3.0, 1.5, 5.0  # what a name counts, beside a column's values
NUMBER = r"^\s*[-+]?[0-9]+([.,][0-9]+)?(e[-+]?[0-9]+)?\s*$"
DATE = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
TEXT_NAMES = (  # words, the likeliest first within a language
    "text review sentence comment tweet message body content question document utterance post description "
    "title headline subject summary query abstract texts name surname 내용 본문 리뷰 문장 텍스트 댓글 "
    "후기 질문 제목 本文 テキスト レビュー コメント 文 内容 文本 评论 句子 texto comentario reseña frase "
    "opinión texte commentaire avis phrase kommentar satz nachricht текст отзыв"
)
LABEL_NAMES = (
    "label class category sentiment rating target stars polarity topic intent emotion tag type genre "
    "language priority score grade spam toxic nationality lang y labels classes overall 라벨 레이블 분류 "
    "감정 평점 별점 카테고리 주제 감성 등급 ラベル カテゴリ 分類 評価 标签 类别 分类 情感 评分 clase "
    "categoría categoria etiqueta sentimiento sentimento catégorie classe étiquette note klasse kategorie "
    "sterne оценка класс категория тональность"
)
SPLIT_WORDS = {*SPLIT_NAMES, *SPLIT_ALIASES}


def guess_columns(
    names: Sequence[str], head: pl.DataFrame, roles: Sequence[Role], asked: Mapping[Role, str], taken: Collection[str]
) -> dict[Role, str]:
    """The column of each role that is probably meant; a role without a plausible column is left out.

    `names` are all columns of the data, `head` the first rows of those that are decoded. `asked` are the names that
    were asked for, by role: a similar one is preferred. Columns in `taken` have a role already.
    """
    guesses: dict[Role, str] = {}
    for role in roles:
        left = [name for name in names if name not in {*taken, *guesses.values()}]
        similar = suggest(asked[role], left) if role in asked else None
        scores = {name: _score(role, name, head) for name in left}
        if similar and (scores[similar.match] is not None or similar.match not in head.columns):
            scores[similar.match] = (scores[similar.match] or 0) + SIMILAR_NAME
        plausible = {name: score for name, score in scores.items() if score is not None}
        if plausible:
            guesses[role] = max(plausible, key=lambda name: plausible[name])
    return guesses


def _score(role: Role, name: str, head: pl.DataFrame) -> float | None:
    """How well a column fits a role; None if it does not. Without values, the name alone decides."""
    if name in head.columns and head.height:
        return _SCORES[role](name, head[name].head(HEAD_ROWS).str.strip_chars())
    bonus = _name_bonus(name, {"text": TEXT_NAMES, "label": LABEL_NAMES, "split": "split"}[role])
    return bonus if bonus > PART_OF_NAME else None


def _score_text(name: str, column: pl.Series) -> float | None:
    values = column.filter(column != "")
    if (
        not len(values)
        or values.n_unique() < min(2, len(values))
        or _is_split(values)
        or _share(values, NUMBER) > 0.5
        or _share(values, DATE) > 0.5
    ):
        return None
    if not values.str.contains(r"\p{L}").any():
        return None
    chars, words = _mean(values.str.len_chars()), _mean(values.str.count_matches(r"\S+"))
    return math.log(chars + 1) + math.log(words) + values.n_unique() / len(values) + _name_bonus(name, TEXT_NAMES)


def _score_label(name: str, column: pl.Series) -> float | None:
    values = column.filter(column != "")
    classes, rows = values.n_unique(), len(values)
    if not 2 <= classes <= min(MAX_CLASSES, max(2, rows // 2)) or _is_split(values):
        return None
    if _mean(values.str.len_chars()) > MAX_LABEL_CHARS:
        return None
    words = math.log(max(1.0, _mean(values.str.count_matches(r"\S+"))))
    numbers = 1.0 if _share(values, NUMBER) > 0.5 else 0.0
    return 1 - math.log(classes) / math.log(MAX_CLASSES + 1) - words - numbers + _name_bonus(name, LABEL_NAMES)


def _score_split(name: str, column: pl.Series) -> float | None:
    return 1 + _name_bonus(name, "split") if _is_split(column) else None


_SCORES: dict[Role, Callable[[str, pl.Series], float | None]] = {
    "text": _score_text,
    "label": _score_label,
    "split": _score_split,
}


def _is_split(values: pl.Series) -> bool:
    """Whether these are names of splits, "train" among them."""
    found = {value.lower() for value in values.unique().head(len(SPLIT_WORDS) + 1)}
    return found <= SPLIT_WORDS and not found.isdisjoint({"train", "training"})


def _share(values: pl.Series, pattern: str) -> float:
    return _mean(values.str.contains(pattern))


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).mean() or 0)  # type: ignore[arg-type]


def _name_bonus(name: str, known: str) -> float:
    """What the name of a column tells of its role: a known word alone, or among others; the first ones a bit more."""
    folded = unicodedata.normalize("NFC", name).strip()
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", folded).lower())
    places = {word: place for place, word in enumerate(known.split())}
    found = [places[word] for word in words if word in places]
    if not found:
        return 0.0
    return (KNOWN_NAME if len(found) == len(words) else PART_OF_NAME) - min(found) / 1000
