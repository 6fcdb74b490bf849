"""Models that took the lead of their side this week, and the others that came out."""

from collections.abc import Iterator
from datetime import timedelta

from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import NewStep, Week
from tracker.domain.notable_words import at, between, count, day, join, listed, number

# What came out longer ago than this is no new model: scores that came in moved it.
NEW = timedelta(days=92)
SIDES = {"open": "open-weight", "closed": "closed"}
MOST = 3


def items(week: Week) -> Iterator[Item]:
    """New leaders one by one, models that new scores moved up in one item, and all others that came out in another."""
    steps = sorted(week.steps, key=lambda step: (not step.best_now, -step.value, step.slug))
    # Whoever leads now is news, however long ago it came out.
    fresh = [step for step in steps if step.best_now or step.on > week.as_of - NEW]
    for step in fresh[:MOST]:
        yield _step(step, week)
    moved = [step for step in steps if step not in fresh]
    if moved:
        yield _moved(moved, week)
    yield from _newcomers(week, fresh[MOST:])


def _step(step: NewStep, week: Week) -> Item:
    side = SIDES[step.side]
    overlap = step.low is not None and step.before_value is not None and step.low < step.before_value
    range_ = between(step.low, step.high)
    led = f"{step.model} by {step.lab} is now the best {side} model"
    return Item(
        id=f"frontier:{step.side}:{step.slug}",
        topic=Topic.MODELS,
        title=led if step.best_now else f"{step.model} by {step.lab} was the best {side} model when it came out",
        text=join(
            f"Released {_released(step)}{f', {step.terms}' if step.terms else ''}.",
            f"It stands at {number(step.value)} index points"
            + (f" (90 % interval {range_})" if range_ else "")
            + (f", {number(step.value - step.before_value)} above {step.before}" if step.before_value else "")
            + ".",
            f"Its interval reaches below {step.before}: the lead is not certain yet." if overlap else "",
            _why_now(step, week),
        ),
        url=at(f"/models/{step.slug}/", week.as_of),
        weight=(6.0 if overlap else 8.0) - (0.0 if step.best_now else 2.0),
        labs=(step.lab_slug,),
    )


def _why_now(step: NewStep, week: Week) -> str:
    """What makes a model that came out before this week this week's news."""
    if step.on > week.before_on:
        return ""
    return "New scores moved it up." if step.known_before else "A week ago it had too few scores to be placed."


def _released(step: NewStep) -> str:
    if step.precision == "year":
        return f"in {step.on:%Y}"
    return f"in {step.on:%B %Y}" if step.precision == "month" else f"on {day(step.on)}"


def _moved(steps: list[NewStep], week: Week) -> Item:
    """Models known for long that new or corrected scores made steps of a frontier."""
    names = [f"{step.model} ({SIDES[step.side]}, {number(step.value)} points)" for step in steps]
    one = steps[0]
    return Item(
        id="frontier:moved",
        topic=Topic.MODELS,
        title=f"New scores make {one.model}, released {_released(one)}, a step of the {SIDES[one.side]} frontier"
        if len(steps) == 1
        else f"New scores make {count(len(steps), 'model')} of earlier months steps of a frontier",
        text=f"Each was the best of its side when it came out: {listed(names, 4)}."
        if len(steps) > 1
        else f"It now stands at {number(one.value)} index points, more than any {SIDES[one.side]} model before it.",
        url=at(f"/models/{one.slug}/" if len(steps) == 1 else "/gap/", week.as_of),
        weight=3.5,
        labs=tuple(dict.fromkeys(step.lab_slug for step in steps)),
    )


def _newcomers(week: Week, steps: list[NewStep]) -> Iterator[Item]:
    out = sorted(week.newcomers, key=lambda one: (-(one.value or 0.0), one.model))
    names = [f"{step.model} ({step.lab}, {number(step.value)} points)" for step in steps]
    names += [
        f"{one.model} ({one.lab}"
        + (f", {number(one.value)} points)" if one.value is not None else ", not measured yet)")
        for one in out
    ]
    if not names:
        return
    sides = [one.side for one in out]
    opened, closed = sides.count("open"), sides.count("closed")
    yield Item(
        id="models:new",
        topic=Topic.MODELS,
        title=f"{count(len(names), 'other model')} came out",
        text=join(
            f"{listed(names, 6)}.",
            f"{count(opened, 'has', 'have')} open weights, {count(closed, 'is', 'are')} closed."
            if len(out) > 1 and opened + closed == len(out)
            else "",
        ),
        url=at("/models/?sort=released", week.as_of),
        weight=3.0,
        labs=tuple(dict.fromkeys([*(step.lab_slug for step in steps), *(one.lab_slug for one in out)])),
    )
