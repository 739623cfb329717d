"""Synthetic surnames: syllables and endings that sound like a language's, put together by chance."""

from __future__ import annotations

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.seeds import derive_seed

Numbers = NDArray[np.int64]
SPLITS = ((70, "train"), (85, "val"), (100, "test"))  # per cent of a nationality's rows up to which each reaches
TWO = 450  # names in a thousand with a syllable more


@frozen
class Sound:
    """A nationality: how many of a thousand rows are its, and what its names begin with, go on with and end in."""

    rows: int
    begins: str
    goes_on: str
    ends: str


SOUNDS = {
    "Arabic": Sound(150, "Kha Sha Na Ha Ba Ma Sa Ra Ghan Ta", "ra li ha sa ma wi di ba", "d f him our ad been li t"),
    "Chinese": Sound(25, "Zh Ch X Q L W Sh Y T J", "i u a ia ua", "ng n o ao ei u"),
    "Czech": Sound(45, "Nov Hru Kra Ve Du Po Ji Sva Bla Ho", "do li ko be hra va ch", "ak ek ka ova cek sky il"),
    "Dutch": Sound(27, "Van_ Ver De_ Haa Koo Bro Snij Vos Me Hoo", "de ter ver haa le sse", "s ijk man sen en ijn"),
    "English": Sound(
        240, "Ash Har Wood Win Brad Black Hill White Nor Al", "ing er ston ley wor", "ton ley ford son man er"
    ),
    "French": Sound(25, "Beau Du Le La Gi Mar Bou Cha Fon Des", "be cha ri ne lai mo va", "eau ier ot ois ault et"),
    "German": Sound(65, "Schr Stein Wag Kr Baum Holz Sch Ber Acker Vo", "ei au en in er", "er mann bach berg stein tz"),
    "Greek": Sound(
        20, "Papa Kara Theo Dimi Pana Anto Niko Chri", "do gi no sta ni ka tho", "poulos idis akis os ellis"
    ),
    "Irish": Sound(22, "O' Mc Ma Ke Do Bro Ca Fla", "ra ne ma he ll ga ho", "han nnell gan ghue ly dy"),
    "Italian": Sound(
        70, "Ros Fer Bian Mar Con Ric Lom Gal Espo Ca", "ti chi ra ni lo va gli", "ini etti ello ucci one ari"
    ),
    "Japanese": Sound(98, "Ta Ya Ka Sa Mo Hi Na Ni Ku O", "ka ma shi ta mo ru ki na", "mura moto da shita kawa naka"),
    "Korean": Sound(12, "K P Ch Y S H M N", "a eo u o ye", "n ng rk i m k"),
    "Polish": Sound(16, "Ko Wi Za Ja Kru Pie Szy Wo", "wal bro len czy ma ko", "ski wicz czyk czak owski"),
    "Portuguese": Sound(10, "Fer Car Al Ro Sou Mo San Ri", "rei va bei dri ma", "ra eiro es as lho ao"),
    "Russian": Sound(120, "Iva Pe Vol Ku Ale So Mo Go Bo Zu", "no tro kov ze lo ga ro", "ov ev in sky enko chev"),
    "Scottish": Sound(10, "Mac Camp Fra Doug Suther Gra Mac Ken", "ken do ne la ba", "zie nald bell land son"),
    "Spanish": Sound(32, "Gar Rod Mar Her Lo Gon Pe Val", "ti ri nan pe za lo", "ez ido era os illo ales"),
    "Vietnamese": Sound(13, "Ng Tr Ph Th L V D", "uy a i o ie", "en nh ng m c u"),
}


def surnames(rows: int, seed: int) -> pl.DataFrame:
    """`rows` names with the columns `surname`, `nationality` and `split`, the same for the same seed.

    Nationalities are as uneven as their sounds say, each with a row at least while rows last; splits are 70, 15
    and 15 % of each, as near as whole rows allow.
    """
    chance = np.random.PCG64(derive_seed(seed, "sample"))  # whose raw bits are the same on every machine and numpy
    shares = np.array([sound.rows for sound in SOUNDS.values()])
    bounds = np.cumsum(shares) * max(rows - len(SOUNDS), 0) // shares.sum()
    counts = np.diff(bounds, prepend=0)
    counts[: rows - int(counts.sum())] += 1
    names: list[str] = []
    for count, sound in zip(counts.tolist(), SOUNDS.values(), strict=True):
        names += _names(sound, count, chance)
    places = np.concatenate([np.arange(count) * 100 // max(count, 1) for count in counts.tolist()])
    splits = pl.Series([name for _, name in SPLITS])
    frame = pl.DataFrame(
        {
            "surname": pl.Series(names, dtype=pl.String),
            "nationality": pl.Series(list(SOUNDS)).gather(np.repeat(np.arange(len(SOUNDS)), counts)),
            "split": splits.gather(np.searchsorted([end for end, _ in SPLITS], places, side="right")),
        }
    )
    return frame[np.argsort(chance.random_raw(rows), kind="stable")]


def _names(sound: Sound, count: int, chance: np.random.PCG64) -> list[str]:
    begins, middle, more, ends = (
        _drawn(parts.replace("_", "\0").split(" "), count, chance)
        for parts in (sound.begins, sound.goes_on, sound.goes_on, sound.ends)
    )
    longer = (chance.random_raw(count) >> np.uint64(32)) * np.uint64(1000) >> np.uint64(32) < TWO
    parts = zip(begins, middle, more, ends, longer.tolist(), strict=True)
    return [f"{a}{b}{c if two else ''}{d}".replace("\0", " ") for a, b, c, d, two in parts]


def _drawn(parts: list[str], count: int, chance: np.random.PCG64) -> list[str]:
    at = (chance.random_raw(count) >> np.uint64(32)) * np.uint64(len(parts)) >> np.uint64(32)
    return [parts[i] for i in at.tolist()]
