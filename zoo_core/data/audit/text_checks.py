"""Checks of the texts of a file: empty, garbled and very long ones, texts without spaces, several scripts."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from zoo_core.data.audit.commands import CheckedFiles
from zoo_core.data.audit.masks import row_finding
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.findings import Finding
from zoo_core.messages import join_names

GARBLED_PATTERN = "Ã[\u0080-\u00bf]|â€[™œ\u009d“”¦]|\ufffd"  # UTF-8 decoded as Latin-1, or bytes that are not text
CONTROL_PATTERN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
LONG_CHARS = 20_000
SYLLABLES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"  # each says about as much as three letters
SYLLABLE_LETTERS = 3
LONG_WORD = 15  # letters in a word, on average over a text: twice those of languages with long words
FEW_LETTERS = 20  # a shorter text may be one word
NO_SPACES_SHARE = 0.1  # of the texts
SCRIPTS = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Bengali": r"\p{Bengali}",
    "Tamil": r"\p{Tamil}",
    "Thai": r"\p{Thai}",
    "Hangul": r"\p{Hangul}",
    "Chinese or Japanese": r"\p{Han}|\p{Hiragana}|\p{Katakana}",
}
SCRIPT_ROWS = 5000  # texts that are looked at
SCRIPT_CHARS = 200  # of each
SCRIPT_SHARE = 0.05  # of the texts


def check_texts(texts: pl.Series, normalized: pl.Series, files: CheckedFiles) -> Iterator[Finding]:
    """The findings about single texts, and about how they are written."""
    empty = texts.str.strip_chars() == ""
    garbled, control = texts.str.contains(GARBLED_PATTERN), texts.str.contains(CONTROL_PATTERN)
    yield from row_finding("empty-text", "texts are empty", empty)
    yield from row_finding("blank-text", "texts are empty after normalization", (normalized == "") & ~empty)
    yield from row_finding("garbled-text", "texts have signs of a wrong encoding, such as Ã©", garbled)
    yield from row_finding("control-character", "texts have control characters", control)
    long = texts.str.len_chars() > LONG_CHARS
    yield from row_finding("long-text", f"texts have more than {LONG_CHARS:,} characters", long)
    yield from _check_spaces(normalized, files)
    yield from _check_scripts(texts)


def _check_spaces(normalized: pl.Series, files: CheckedFiles) -> Iterator[Finding]:
    """Texts whose words are not separated: too many letters in what stands between two spaces."""
    spaces = normalized.str.count_matches(" ", literal=True)
    characters = normalized.str.len_chars() - spaces
    suspected = characters * SYLLABLE_LETTERS >= FEW_LETTERS  # counting syllables takes time
    suspected &= characters * SYLLABLE_LETTERS >= LONG_WORD * (spaces + 1)
    syllables = normalized.filter(suspected).str.count_matches(SYLLABLES)
    letters = characters.cast(pl.Int64).scatter(
        suspected.arg_true(), characters.filter(suspected) + (SYLLABLE_LETTERS - 1) * syllables
    )
    joined = (letters >= FEW_LETTERS) & (letters >= LONG_WORD * (spaces + 1))
    if joined.sum() >= max(NO_SPACES_SHARE * len(joined), 1):
        train = files.train()
        hint = f"count characters, as in {train}" if train else "count characters"
        hint += ", or find a tokenizer for the language with zoo list tokenizer"
        yield from row_finding("no-spaces", "texts have no spaces between words", joined, hint=hint)


def _check_scripts(texts: pl.Series) -> Iterator[Finding]:
    """Texts in several scripts, estimated from some of the texts by the script of most of their letters."""
    shown = texts.gather_every(max(len(texts) // SCRIPT_ROWS, 1)).str.head(SCRIPT_CHARS)
    if not shown.str.contains(r"[^\x00-\x{24f}]").any():
        return
    counts = pl.DataFrame({name: shown.str.count_matches(pattern) for name, pattern in SCRIPTS.items()})
    counts = counts.filter(pl.max_horizontal(pl.all()) > 0)
    if not counts.height:
        return
    main = pl.Series(counts.to_numpy().argmax(axis=1)).value_counts(sort=True)
    shares = {list(SCRIPTS)[number]: rows / counts.height for number, rows in main.iter_rows()}
    common = {name: share for name, share in shares.items() if share >= SCRIPT_SHARE}
    if len(common) > 1:
        listed = join_names([f"{name} {share:.0%}" for name, share in common.items()])
        count = round(len(texts) * (1 - max(common.values())))
        yield make_finding("several-scripts", f"texts are written in several scripts: {listed}", count)
