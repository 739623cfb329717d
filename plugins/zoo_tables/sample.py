"""Synthetic offers: a title, a description, a category and a price, and whether the offer sold."""

from __future__ import annotations

import numpy as np
import polars as pl

from zoo_core.seeds import derive_seed

NOUNS = {
    "Books": "novel atlas cookbook guide diary comic",
    "Fast food": "burger wrap pizza noodles fries sandwich",
    "Garden": "spade bench hose lantern planter rake",
    "Toys": "puzzle kite robot doll train drum",
}
PRICES = {"Books": 12, "Fast food": 8, "Garden": 40, "Toys": 20}  # usual, of a category
GOOD = "lovely sturdy fresh clever bright favorite"
BAD = "scratched stale dull wobbly faded broken"
FACTS = "bought in spring|used twice|from a closed shop|with a box|without the manual|kept indoors|a gift|washed once"
WISHES = "pick it up today|ask for pictures|no returns|cash only|call after six|can be sent|first come first served"
STREETS = "Mill|Church|Station|Park|Bridge|School|Market|Garden|River|Castle|Forest|Harbor"
MISSING_SHARE = 5  # percent of the prices
NOISE_SHARE = 8  # percent of the labels


def make_offers(rows: int, seed: int) -> pl.DataFrame:
    """Return `rows` offers with the columns title, text, category, price, label and split, the same for the same seed.

    Whether an offer sold depends on its words and on its price beside those of its category; 8 % of the labels are
    random, and 5 % of the prices are missing.
    """
    bits = np.random.PCG64(derive_seed(seed, "sample"))  # its raw bits are the same on every machine and numpy version

    def below(end: int) -> list[int]:
        return [int(value) for value in (bits.random_raw(rows) >> np.uint64(32)) * np.uint64(end) >> np.uint64(32)]

    names = list(NOUNS)
    columns = zip(*map(below, (len(names), 6, 6, 2, 151, 100, 100, 8, 7, 12, 99)), strict=True)
    offers = []
    for row, (at, noun, word, is_good, percent, missing, noise, fact, wish, street, number) in enumerate(columns):
        category = names[at]
        adjective = (GOOD if is_good else BAD).split()[word]
        price = PRICES[category] * (50 + percent) / 100
        wants = (1 if is_good else -1) + (125 - 50 - percent) / 50
        sold = wants > 0 if noise >= NOISE_SHARE else noise % 2 == 0
        title = f"{adjective.capitalize()} {NOUNS[category].split()[noun]}"
        place = f"{STREETS.split('|')[street]} Street {number + 1}"
        text = f"{FACTS.split('|')[fact].capitalize()}, {adjective}; {WISHES.split('|')[wish]}. {place}."
        shown = "" if missing < MISSING_SHARE else f"{price:.2f}"
        split = ("train", "val", "test")[np.searchsorted((70, 85), row * 37 % 100, side="right")]
        offers.append((title, text, category, shown, "sold" if sold else "unsold", split))
    names = ["title", "text", "category", "price", "label", "split"]
    return pl.DataFrame(offers, schema=dict.fromkeys(names, pl.String), orient="row")
