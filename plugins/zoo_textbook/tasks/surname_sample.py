"""Synthetic surnames: random combinations of syllables that are typical of a language."""

from __future__ import annotations

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.seeds import derive_seed

SPLITS = ("train", "val", "test")
SPLIT_END_PERCENT = (70, 85, 100)  # of the rows of a nationality
LONG_NAME_PER_MILLE = 450  # names with a second middle syllable


@frozen
class NameParts:
    """A nationality: its share of the rows, and the parts of its names, separated by spaces; "_" is a space."""

    weight: int
    prefixes: str
    syllables: str
    endings: str


NATIONALITIES = {
    "Arabic": NameParts(
        150, "Kha Sha Na Ha Ba Ma Sa Ra Ghan Ta", "ra li ha sa ma wi di ba", "d f him our ad been li t"
    ),
    "Chinese": NameParts(25, "Zh Ch X Q L W Sh Y T J", "i u a ia ua", "ng n o ao ei u"),
    "Czech": NameParts(45, "Nov Hru Kra Ve Du Po Ji Sva Bla Ho", "do li ko be hra va ch", "ak ek ka ova cek sky il"),
    "Dutch": NameParts(27, "Van_ Ver De_ Haa Koo Bro Snij Vos Me Hoo", "de ter ver haa le sse", "s ijk man sen en ijn"),
    "English": NameParts(
        240, "Ash Har Wood Win Brad Black Hill White Nor Al", "ing er ston ley wor", "ton ley ford son man er"
    ),
    "French": NameParts(25, "Beau Du Le La Gi Mar Bou Cha Fon Des", "be cha ri ne lai mo va", "eau ier ot ois ault et"),
    "German": NameParts(
        65, "Schr Stein Wag Kr Baum Holz Sch Ber Acker Vo", "ei au en in er", "er mann bach berg stein tz"
    ),
    "Greek": NameParts(
        20, "Papa Kara Theo Dimi Pana Anto Niko Chri", "do gi no sta ni ka tho", "poulos idis akis os ellis"
    ),
    "Irish": NameParts(22, "O' Mc Ma Ke Do Bro Ca Fla", "ra ne ma he ll ga ho", "han nnell gan ghue ly dy"),
    "Italian": NameParts(
        70, "Ros Fer Bian Mar Con Ric Lom Gal Espo Ca", "ti chi ra ni lo va gli", "ini etti ello ucci one ari"
    ),
    "Japanese": NameParts(
        98, "Ta Ya Ka Sa Mo Hi Na Ni Ku O", "ka ma shi ta mo ru ki na", "mura moto da shita kawa naka"
    ),
    "Korean": NameParts(12, "K P Ch Y S H M N", "a eo u o ye", "n ng rk i m k"),
    "Polish": NameParts(16, "Ko Wi Za Ja Kru Pie Szy Wo", "wal bro len czy ma ko", "ski wicz czyk czak owski"),
    "Portuguese": NameParts(10, "Fer Car Al Ro Sou Mo San Ri", "rei va bei dri ma", "ra eiro es as lho ao"),
    "Russian": NameParts(120, "Iva Pe Vol Ku Ale So Mo Go Bo Zu", "no tro kov ze lo ga ro", "ov ev in sky enko chev"),
    "Scottish": NameParts(10, "Mac Camp Fra Doug Suther Gra Mac Ken", "ken do ne la ba", "zie nald bell land son"),
    "Spanish": NameParts(32, "Gar Rod Mar Her Lo Gon Pe Val", "ti ri nan pe za lo", "ez ido era os illo ales"),
    "Vietnamese": NameParts(13, "Ng Tr Ph Th L V D", "uy a i o ie", "en nh ng m c u"),
}


def make_surnames(rows: int, seed: int) -> pl.DataFrame:
    """Return `rows` names with the columns `surname`, `nationality` and `split`, the same for the same seed.

    Nationalities have rows in proportion to their weights, at least one if there are enough rows. The splits are 70,
    15 and 15 % of each nationality, as close as whole rows allow.
    """
    bits = np.random.PCG64(derive_seed(seed, "sample"))  # its raw bits are the same on every machine and numpy version
    weights = np.array([parts.weight for parts in NATIONALITIES.values()])
    bounds = np.cumsum(weights) * max(rows - len(NATIONALITIES), 0) // weights.sum()
    counts = np.diff(bounds, prepend=0)
    counts[: rows - int(counts.sum())] += 1
    names: list[str] = []
    for count, parts in zip(counts.tolist(), NATIONALITIES.values(), strict=True):
        names += _make_names(parts, count, bits)
    percentiles = np.concatenate([np.arange(count) * 100 // max(count, 1) for count in counts.tolist()])
    nationality_indices = np.repeat(np.arange(len(NATIONALITIES)), counts)
    split_indices = np.searchsorted(SPLIT_END_PERCENT, percentiles, side="right")
    frame = pl.DataFrame(
        {
            "surname": pl.Series(names, dtype=pl.String),
            "nationality": pl.Series(list(NATIONALITIES)).gather(nationality_indices),
            "split": pl.Series(SPLITS).gather(split_indices),
        }
    )
    return frame[np.argsort(bits.random_raw(rows), kind="stable")]


def _make_names(parts: NameParts, count: int, bits: np.random.PCG64) -> list[str]:
    prefixes, first, second, endings = (
        _choose(choices.split(" "), count, bits)
        for choices in (parts.prefixes, parts.syllables, parts.syllables, parts.endings)
    )
    is_long = _random_below(1000, count, bits) < LONG_NAME_PER_MILLE
    columns = zip(prefixes, first, second, endings, is_long.tolist(), strict=True)
    return [f"{a}{b}{c if long else ''}{d}".replace("_", " ") for a, b, c, d, long in columns]


def _choose(choices: list[str], count: int, bits: np.random.PCG64) -> list[str]:
    return [choices[index] for index in _random_below(len(choices), count, bits).tolist()]


def _random_below(end: int, count: int, bits: np.random.PCG64) -> NDArray[np.uint64]:
    return (bits.random_raw(count) >> np.uint64(32)) * np.uint64(end) >> np.uint64(32)
