"""No model at all: answers by rule, for the tests of everything around a model."""

import hashlib
from typing import Any
from urllib.parse import parse_qsl

from tracker.domain.evaluation import Item, Weights
from tracker.evals.backends.base import Description, Endpoint, Engine, Plan
from tracker.evals.troubles import MissingModel

WORDS: dict[str, type] = {"text": str, "right": float, "seconds": float, "room": int, "dies": int}


class Mock(Engine):
    """Told by its name what to do: `mock:right=0.7&seconds=0.1`.

    `text` is every answer; `right` the part of the items, chosen by their names, that are answered with their target;
    `seconds` what an answer takes; `room` how many questions at once fit into its memory; `dies` after how many answers
    it goes away for good.
    """

    slug = "mock"
    likely = 1

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.words = words(plan.model)
        self.answered = 0

    @staticmethod
    def can_run(weights: Weights | None, device: str) -> str:
        return "" if weights is None else "the mock loads no weights"

    def start(self) -> Endpoint:
        return Endpoint("", self.plan.name)

    def describe(self) -> Description:
        return Description(version="1", device="cpu", dtype="", arguments=self.words)

    @property
    def seconds(self) -> float:
        return float(self.words.get("seconds", 0.0))

    def room_for(self, concurrency: int) -> bool:
        return concurrency <= int(self.words.get("room", concurrency))

    def answer(self, item: Item) -> str:
        self.answered += 1
        if self.knows(item):
            return f"Answer: {item.target}"
        return str(self.words.get("text", "Answer: nothing that anybody asked for"))

    def knows(self, item: Item) -> bool:
        drawn = int.from_bytes(hashlib.sha256(item.id.encode()).digest()[:4]) / 2**32
        return drawn < float(self.words.get("right", 0.0))

    @property
    def dead(self) -> bool:
        return "dies" in self.words and self.answered >= int(self.words["dies"])


def words(said: str) -> dict[str, Any]:
    """What a mock's name says. Raises MissingModel on words that no mock knows."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(said, keep_blank_values=True):
        if name not in WORDS:
            raise MissingModel(f"a mock does not know {name!r}; it knows {', '.join(WORDS)}")
        try:
            found[name] = WORDS[name](value)
        except ValueError:
            raise MissingModel(f"a mock's {name} is no {value!r}") from None
    return found
