"""What our own publisher publishes: small documents that change row by row, and the facts that each of them states."""

import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.pipeline.vintages import NOTABLE, OFFERS, PANEL, PRICES, Line, Offer, field_of, notable, panel, prices

EXAMS = ("gpqa_diamond", "math_level_5", "frontiermath", "chess_puzzles", "simpleqa_verified")
FIELD = field_of(
    (
        Line("claude-example-3", "", 0.62, released="2025-02-01"),
        Line("gpt-example", "", 0.74, released="2025-08-07"),
        Line("gpt-example-mini", "", 0.58, released="2025-08-07"),
        Line("claude-example-4", "", 0.86, released="2026-01-15"),
        Line("deepseek-example", "", 0.81, released="2026-03-01"),
        Line("deepseek-example-lite", "", 0.52, released="2025-05-01"),
    ),
    EXAMS,
)
# Some rows come and go: those of these two on two exams.
ABSENT = {("gpt-example-mini", "chess_puzzles"), ("deepseek-example-lite", "frontiermath")}
URLS = (PANEL, PRICES, NOTABLE)
SHELL = b"<!doctype html><title>x</title><div id=root></div>" + b"<p>not what was asked for</p>" * 50
# A name that nobody has explained stands for a model only once a curator says so.
UNKNOWN = "mystery"
HOLDER = "gpt-example-mini"


@dataclass(frozen=True, slots=True)
class Vintage:
    """One document as it was published, and what must be known of it: `good` ones become facts."""

    url: str
    number: int
    body: bytes
    media_type: str
    good: bool
    facts: tuple[tuple[str, ...], ...]  # kind, the source's name, and what the row says

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def keep(self, folder: Path) -> None:
        """For the program that compares: the bytes, and beside them what they state."""
        (folder / self.sha256).write_bytes(self.body)
        told = {"url": self.url, "number": self.number, "good": self.good, "facts": self.facts}
        (folder / f"{self.sha256}.json").write_text(json.dumps(told), "utf-8")


@dataclass
class World:
    """What the three publishers know; every step changes a little of it."""

    chance: random.Random
    number: int = 0
    scores: dict[tuple[str, str], Line] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scores = {(line.model, line.benchmark): line for line in FIELD}
        offers = (*OFFERS, replace(OFFERS[2], name="deepseek-example-lite", released="2025-05-01"))
        self.offers = {offer.name: offer for offer in offers}
        self.seen = {"claude-example-3": "2025-02-01", "gpt-example": "2025-08-07", "deepseek-example": "2026-03-01"}

    def step(self, url: str) -> Vintage:
        """The next vintage of one document."""
        if url == PANEL:
            self._scores()
        elif url == PRICES:
            name = self.chance.choice(sorted(self.offers))
            price = round(self.chance.uniform(0.1, 9.0), 4)
            self.offers[name] = replace(self.offers[name], price=price)
        else:
            name = self.chance.choice(sorted(self.seen))
            year, month, day = self.seen[name].split("-")
            self.seen[name] = f"{year}-{month}-{(int(day) % 28) + 1:02d}"
        return self.now(url)

    def _scores(self) -> None:
        for key in self.chance.sample(sorted(set(self.scores) - ABSENT), 2):
            line = self.scores[key]
            moved = min(0.97, max(0.03, line.score + self.chance.uniform(-0.01, 0.01)))
            self.scores[key] = replace(line, score=round(moved, 5))
        come_or_gone = self.chance.choice(sorted(ABSENT))
        if self.scores.pop(come_or_gone, None) is None:
            self.scores[come_or_gone] = next(line for line in FIELD if (line.model, line.benchmark) == come_or_gone)

    def meet(self, name: str) -> None:
        """From the next vintage on the panel names a model that the catalogue does not know."""
        self.unknown.append(name)

    def now(self, url: str) -> Vintage:
        self.number += 1
        if url == PANEL:
            lines = [*self.scores.values(), *self._strangers()]
            facts = [("score", line.model, line.benchmark.replace("_", "-"), repr(line.score)) for line in lines]
            return Vintage(url, self.number, panel(*lines), "text/csv", True, tuple(facts))
        if url == PRICES:
            offers = list(self.offers.values())
            facts = [("price", offer.name, offer.host, repr(float(offer.price or 0))) for offer in offers]
            return Vintage(url, self.number, prices(*offers), "application/json", True, tuple(facts))
        rows = [(name, day, "API access") for name, day in self.seen.items()]
        facts = [("release", name, day) for name, day in self.seen.items()]
        return Vintage(url, self.number, notable(*rows), "text/csv", True, tuple(facts))

    def _strangers(self) -> Iterable[Line]:
        return (Line(name, "gpqa_diamond", 0.31 + at / 1000) for at, name in enumerate(self.unknown))

    def broken(self, url: str) -> Vintage:
        """What must never become facts: a page in place of the data, nothing at all, or a few rows of many."""
        self.number += 1
        mark = f"<!-- {self.number} -->".encode()
        how = self.chance.choice(("shell", "few"))
        if how == "few" and url == PANEL:
            few = list(self.scores.values())[:6]
            return Vintage(url, self.number, panel(*few), "text/csv", False, ())
        return Vintage(url, self.number, SHELL + mark, "text/csv", False, ())
