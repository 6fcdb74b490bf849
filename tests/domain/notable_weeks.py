"""Weeks to make issues of: a plain one in which nothing happened, and rows to put into it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tracker.domain.insights import Lag
from tracker.domain.notable_facts import Best, Lead, Move, NewStep, Rewording, Sign, Standing, Turn, Week

AS_OF, BEFORE = date(2026, 11, 22), date(2026, 11, 15)
QUESTION = "How old is the level that open models have today?"


def lag(name="L1", value=3.0, low=2.0, high=4.0):
    return Lag(name, QUESTION, value, low, high)


def standing(**lags):
    """L1 is 3.0 months (2.0 to 4.0), L8 3.5 points, unless told otherwise."""
    return Standing(
        run=1,
        day=date(2026, 11, 21),
        method="index-1",
        lags={"L1": lag(), "L8": lag("L8", 3.5, 2.5, 4.5), **lags},
        names={"L1": "Backward lag", "L8": "Vertical gap"},
        open_best=Best("Foo 3", 149.0, 148.0, 150.0),
        closed_best=Best("Bar 9", 152.5, 151.0, 153.5),
        longer=0.4,
        definitions=1200,
        year=((date(2025, 11, 21), 6.1), (date(2026, 11, 21), 3.2)),
    )


def week(**told):
    quiet = Week(AS_OF, BEFORE, datetime(2026, 11, 22, 23, 59, tzinfo=UTC), now=standing(), before=standing())
    return replace(quiet, **told)


TURN = Turn(
    slug="one",
    title="Open models are three months behind",
    author="Ann Author",
    said="2026-05",
    before="holds",
    after="depends",
    turns_on="whether an API counts",
    figure_before="3.0 months",
    figure="3.4 months",
)
STEP = NewStep(
    side="open",
    slug="foo-3",
    model="Foo 3",
    lab="Foo Labs",
    lab_slug="foo",
    on=date(2026, 11, 18),
    precision="day",
    value=149.0,
    low=148.0,
    high=150.0,
    before="Foo 2",
    before_value=146.5,
    best_now=True,
    known_before=False,
    terms="with open weights under MIT License",
)
REWORDING = Rewording(
    key="example",
    name="Example Community License",
    path="/licences/example/",
    read=True,
    forbidden=("commercial use (yes before, threshold now)",),
    allowed=(),
    topics=("commercial use",),
    clause="2",
    clause_before="you may use it",
    clause_after="you may use it below 700 million users",
    labs=("foo",),
)
RECORD = Lead(
    slug="proofs",
    benchmark="Proofs",
    field="Formal proofs",
    unit="proportion",
    headline=True,
    model="Foo Prover",
    model_slug="foo-prover",
    labs=("foo",),
    side="open",
    score=0.812,
    price=0.4,
    before="Bar 9",
    before_score=0.79,
    better=True,
)
SIGN = Sign(
    scenario="lead",
    future="Open leads",
    slug="s",
    title="No gap is left",
    figure="0.4 points",
    met=False,
    met_before=False,
    towards=True,
    far=0.4,
    value=0.4,
)


def turn(**told):
    return replace(TURN, **told)


def step(**told):
    return replace(STEP, **told)


def rewording(**told):
    return replace(REWORDING, **told)


def record(**told):
    return replace(RECORD, **told)


def sign(**told):
    return replace(SIGN, **told)


def move(number, before=3, after=5, **told):
    told = {"leads": False, "blocker": "release the training code", **told}
    return Move(f"m{number}", f"Model {number}", "Foo", "foo", before, after, "weights", "open model", **told)
