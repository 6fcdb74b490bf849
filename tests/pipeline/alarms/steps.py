"""Documents of two vintages, what they open, and the operator who is told."""

from dataclasses import replace

from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import PRICES, Line, Offer, prices
from tracker.models import (
    Alarm,
    Snapshot,
)
from tracker.pipeline import alarm_letters

OPERATOR = ["operator@example.org"]
OFFERS = tuple(
    Offer(
        ("anthropic", "openai")[n % 2], f"{('claude', 'gpt')[n % 2]}-test-{n}",
        released=f"2025-{1 + n % 12:02}-{1 + n % 28:02}", price=0.5 + n / 4,
    )
    for n in range(40)
)  # fmt: skip
EXAMS = ("gpqa_diamond", "math_level_5", "frontiermath", "chess_puzzles")
LINES = tuple(Line(f"model-{n // 4}", EXAMS[n % 4], round(0.2 + n / 100, 4)) for n in range(48))


def opened(**only) -> dict[str, str]:
    """The open alarms: severity by kind."""
    return dict(Alarm.objects.filter(closed_at=None, **only).values_list("kind", "severity"))


def said(kind: str) -> str:
    return Alarm.objects.get(kind=kind, closed_at=None).message


def after(url: str, first: bytes, second: bytes, media_type: str = "") -> Snapshot:
    """The second vintage, read a day after the first."""
    assert take_in(url, first, at(1), media_type).state == "ingested"
    assert opened() == {}
    return take_in(url, second, at(2), media_type)


def offers(**changed) -> bytes:
    return prices(*(replace(offer, **{name: change(offer) for name, change in changed.items()}) for offer in OFFERS))


def broken() -> None:
    take_in(PRICES, prices(*OFFERS), at(1))
    take_in(PRICES, prices(*OFFERS[:20]), at(2))


def mail(now, to=OPERATOR) -> int:
    return alarm_letters.mail(to=to, sender="landscape@example.org", now=now, by="teller")
