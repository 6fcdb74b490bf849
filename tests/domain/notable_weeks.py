"""Weeks to make issues of: a plain one in which nothing happened, and rows to put into it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tracker.domain.insights import Lag
from tracker.domain.notable_facts import Best, NewStep, Standing, Turn, Week

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


def turn(**told):
    usual = {
        "slug": "one",
        "title": "Open models are three months behind",
        "author": "Ann Author",
        "said": "2026-05",
        "before": "holds",
        "after": "depends",
        "turns_on": "whether an API counts",
        "figure_before": "3.0 months",
        "figure": "3.4 months",
    }
    return Turn(**{**usual, **told})


def step(**told):
    usual = {
        "side": "open",
        "slug": "foo-3",
        "model": "Foo 3",
        "lab": "Foo Labs",
        "lab_slug": "foo",
        "on": date(2026, 11, 18),
        "precision": "day",
        "value": 149.0,
        "low": 148.0,
        "high": 150.0,
        "before": "Foo 2",
        "before_value": 146.5,
        "best_now": True,
        "known_before": False,
        "terms": "with open weights under MIT License",
    }
    return NewStep(**{**usual, **told})
