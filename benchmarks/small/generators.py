"""Generated texts with classes: tickets, questions, topics, offers, log lines. None of them is separable."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.small.real import Pair

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))


def typo(word: str, rng: random.Random) -> str:
    """Return the word with one letter dropped, doubled, swapped or replaced."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    changed = (
        word[:at],
        word[: at + 1] + word[at],
        word[: at - 1] + word[at] + word[at - 1],
        word[:at] + rng.choice(LETTERS),
    )
    return changed[rng.randrange(4)] + word[at + 1 :]


def with_typos(text: str, share: float, rng: random.Random) -> str:
    """Return the text with typos in this share of its words."""
    return " ".join(typo(word, rng) if rng.random() < share else word for word in text.split())


def tickets(rows: int, rng: random.Random) -> list[Pair]:
    """Support tickets of 12 uneven areas that share words; 5 % of the labels are of another area."""
    areas = list(WORDS["tickets"])
    shares = [area["share"] for area in WORDS["tickets"].values()]
    everything = [thing for area in WORDS["tickets"].values() for thing in area["things"]]
    made = []
    for area in rng.choices(areas, shares, k=rows):
        body = rng.choice(WORDS["frames"]).format(
            thing=rng.choice(WORDS["tickets"][area]["things"]),
            state=rng.choice(WORDS["tickets"][area]["states"]),
            other=rng.choice(everything),
            day=rng.choice(WORDS["days"]),
        )
        extra = f"i am {rng.choice(WORDS['names'])} from {rng.choice(WORDS['places'])}" if rng.random() < 0.4 else ""
        number = f"no {rng.randrange(1000, 99999)}" if rng.random() < 0.3 else ""
        text = " ".join(
            part for part in (rng.choice(WORDS["openings"]), body, extra, number, rng.choice(WORDS["closings"])) if part
        )
        label = rng.choices(areas, shares)[0] if rng.random() < 0.05 else area
        made.append((with_typos(text, 0.15, rng), label))
    return made


def questions(rows: int, rng: random.Random) -> list[Pair]:
    """Questions by the kind of their answer, 6 uneven classes with the same nouns; 5 % of the labels are wrong."""
    kinds = list(WORDS["questions"])
    made = []
    for kind in rng.choices(kinds, [kind["share"] for kind in WORDS["questions"].values()], k=rows):
        asked = rng.choice(WORDS["questions"][kind]["asked"]).format(
            did=rng.choice(WORDS["did"]),
            done=rng.choice(WORDS["did"]),
            thing=rng.choice(WORDS["things"]) if rng.random() < 0.7 else word(rng),
            thing2=rng.choice(WORDS["things"]),
            job=rng.choice(WORDS["jobs"]),
            place=rng.choice(WORDS["places"]),
            place2=rng.choice(WORDS["places"]),
            name=rng.choice(WORDS["names"]),
            size=rng.choice(WORDS["sizes"]),
            short="".join(rng.choices(LETTERS, k=3)),
        )
        times = ("in the year of the " + rng.choice(WORDS["things"]), "after the " + rng.choice(WORDS["things"]))
        front = rng.choice((*WORDS["fronts"], *times))
        back = rng.choice(
            (
                "",
                "",
                "",
                "in " + rng.choice(WORDS["places"]),
                "of " + rng.choice(WORDS["names"]),
                "and the " + rng.choice(WORDS["jobs"]),
            )
        )
        label = rng.choice(kinds) if rng.random() < 0.05 else kind
        made.append((with_typos(f"{front} {asked} {back}", 0.06, rng) + " ?", label))
    return made


def word(rng: random.Random) -> str:
    """Return a pronounceable word that nobody knows."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.choice((2, 2, 3, 3, 4))))


def zipf(count: int) -> list[float]:
    """Return cumulative weights 1/rank of this many words."""
    return list(accumulate(1 / rank for rank in range(2, count + 2)))


def topics(rows: int, rng: random.Random, classes: int = 20) -> list[Pair]:
    """Texts of a topic model: Zipfian words, a mixture of topics per text, labeled by the largest topic."""
    fixed = random.Random(20)  # the language is the same in every draw
    vocabulary = sorted({word(fixed) + fixed.choice(("", "", "s", "ing")) for _ in range(9000)})
    fixed.shuffle(vocabulary)
    common, weights = vocabulary[:800], zipf(800)
    special = [fixed.sample(vocabulary[400:], 250) for _ in range(classes)]
    special_weights = zipf(250)
    made = []
    for _ in range(rows):
        label = rng.randrange(classes)
        mixture = [rng.gammavariate(0.05, 1) for _ in range(classes)]
        mixture[label] = max(mixture) + rng.gammavariate(0.5, 0.4)
        words = []
        for _ in range(max(5, int(rng.lognormvariate(3.0, 0.5)))):
            if rng.random() < 0.6:
                words += rng.choices(common, cum_weights=weights)
            else:
                topic = rng.choices(range(classes), mixture)[0]
                words += rng.choices(special[topic], cum_weights=special_weights)
        made.append((" ".join(words), f"topic{label}"))
    return made


def offers(rows: int, rng: random.Random) -> list[Pair]:
    """Text messages, 13 % of them unwanted, with the spellings of such messages and chat that looks like them."""
    made = []
    for _ in range(rows):
        bad = rng.random() < 0.13
        parts = [
            rng.choice(WORDS["unwanted"] if bad and (index == 0 or rng.random() < 0.4) else WORDS["wanted"])
            for index in range(rng.choice((1, 2, 2, 3)))
        ]
        text = " . ".join(parts).format(
            go=rng.choice(("going", "coming", "off")),
            place=rng.choice(WORDS["places"]),
            day=rng.choice(WORDS["days"][:5]),
            name=rng.choice(WORDS["names"]),
            number=rng.randrange(100, 99999),
            prize=rng.choice(WORDS["prizes"]),
            odd=word(rng),
            word=word(rng),
        )
        text = " ".join(piece.upper() if rng.random() < (0.2 if bad else 0.04) else piece for piece in text.split())
        bad = not bad if rng.random() < 0.01 else bad
        made.append(
            (with_typos(text, 0.08, rng) + rng.choice(("", "", "!", "!!" if bad else " x")), "spam" if bad else "ham")
        )
    return made


def logs(rows: int, rng: random.Random) -> list[Pair]:
    """Log lines by the service that wrote them, 8 uneven classes: paths, numbers, identifiers, few words."""
    shares = (30, 20, 15, 10, 10, 6, 5, 4)
    fixed = random.Random(8)
    files = {service: [f"{word(fixed)}_{word(fixed)}" for _ in range(14)] for service in WORDS["services"]}
    pool = [file for names in files.values() for file in names]
    codes = {service: fixed.sample(range(100, 600), 30) for service in WORDS["services"]}
    made = []
    for index in rng.choices(range(8), shares, k=rows):
        service = WORDS["services"][index]
        file = rng.choice(files[service]) if rng.random() < 0.8 else rng.choice(pool)
        code = rng.choice(codes[service]) if rng.random() < 0.6 else rng.randrange(100, 600)
        level = rng.choices(("INFO", "WARN", "ERROR"), (5, 2, 1 + index % 3))[0]
        verb = WORDS["verbs"][(index + rng.choice((0, 1, 2, 5, 7))) % 12]
        line = f"{level} {rng.randrange(16**8):08x} /srv/{rng.choice('abc')}/{file}.py:{rng.randrange(400)} {verb}"
        line += f" code={code} ms={rng.randrange(9999)} host={rng.choice(WORDS['places'])}-{rng.randrange(30)}"
        made.append((line, service))
    return made


GENERATORS: dict[str, Callable[[int, random.Random], Sequence[Pair]]] = {
    "tickets": tickets,
    "questions": questions,
    "topics": topics,
    "offers": offers,
    "logs": logs,
}
