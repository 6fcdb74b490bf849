"""What a week did to the gap: the headline beside last week's, other measures that left their interval, definitions."""

from collections.abc import Iterator

from tracker.domain.insights import SPREAD_MOVED, Lag
from tracker.domain.notable import HEADLINE, Item, Topic
from tracker.domain.notable_facts import Standing, Week
from tracker.domain.notable_words import at, between, join, number, sentence

LEAD, POINTS = "L1", "L8"


def items(week: Week) -> Iterator[Item]:
    """The headline, changed or not, and beside a week before it what else moved; nothing where no run has an answer."""
    if week.now is None:
        return
    yield _headline(week, week.now)
    if week.before is not None:
        yield from _others(week, week.now, week.before)
        yield from _definitions(week, week.now, week.before)


def left(before: Lag | None, now: Lag | None) -> bool:
    """Whether the figure lies outside the interval that the week before gave it, as both are printed."""
    if before is None or now is None or now.value is None or before.low is None or before.high is None:
        return False
    return not round(before.low, 1) <= round(now.value, 1) <= round(before.high, 1)


def told(lag: Lag) -> str:
    """A figure with its unit and interval."""
    if lag.value is None:
        return "not told by the data"
    range_ = between(lag.low, lag.high)
    return f"{number(lag.value)} {lag.unit}" + (f" ({range_})" if range_ else "")


def _headline(week: Week, now: Standing) -> Item:
    lag = now.lags.get(LEAD)
    old = week.before.lags.get(LEAD) if week.before else None
    outside = left(old, lag)
    return Item(
        id=HEADLINE,
        topic=Topic.GAP,
        title=_title(lag, old),
        text=join(*_explained(lag, old, outside=outside), _best(now, week.before), _method(now, week.before)),
        url=at("/gap/", week.as_of),
        weight=10.0,
        flips=outside,
    )


def _title(lag: Lag | None, old: Lag | None) -> str:
    if lag is None or lag.value is None:
        return "The data do not tell this week how far open models trail closed ones"
    if lag.value < 0:
        said = f"By the headline measure open models are {number(-lag.value)} months ahead of closed ones"
    else:
        said = f"Open models trail closed ones by {number(lag.value)} months"
    if old is None or old.value is None:
        return said
    moved = round(lag.value, 1) - round(old.value, 1)
    if abs(moved) < 0.05:
        return f"{said}, as a week ago"
    return f"{said}, {number(abs(moved))} {'more' if moved > 0 else 'less'} than a week ago"


def _explained(lag: Lag | None, old: Lag | None, *, outside: bool) -> Iterator[str]:
    if lag is None or lag.value is None:
        return
    range_ = between(lag.low, lag.high)
    yield (
        "On an average day of the past year closed models had first reached the level of the best open one that long "
        f"before{f' (90 % interval {range_} months)' if range_ else ''}."
    )
    if old is None:
        yield "There is no figure of the week before to compare it with."
    elif old.value is None:
        yield "A week ago the data did not tell."
    else:
        was = f"A week ago it was {number(old.value)} months"
        if old.low is None or old.high is None:
            yield f"{was}."
        else:
            place = "outside that interval: the week's data changed the answer" if outside else "inside that interval"
            yield f"{was} ({between(old.low, old.high)}); the new figure lies {place}."


def _best(now: Standing, before: Standing | None) -> str:
    points = now.lags.get(POINTS)
    if points is None or points.value is None or now.open_best is None or now.closed_best is None:
        return ""
    closed, opened, old = now.closed_best, now.open_best, before.lags.get(POINTS) if before else None
    return join(
        f"{closed.model}, the best closed model ({number(closed.value)} index points), stands "
        f"{number(abs(points.value))} points {'above' if points.value >= 0 else 'below'} {opened.model}, the best open "
        f"one ({number(opened.value)})"
        + (_was_apart(points.value, old.value) if old and old.value is not None else "."),
    )


def _method(now: Standing, before: Standing | None) -> str:
    if before is None or before.method == now.method:
        return ""
    return (
        f"Since then the definition of the index changed ({before.method} to {now.method}): that alone moves figures."
    )


def _was_apart(value: float, old: float) -> str:
    if round(value, 1) == round(old, 1):
        return ", as a week ago."
    way = "" if (value >= 0) == (old >= 0) else " the other way"
    return f"; a week ago it was {number(abs(old))} points{way}."


# What each measure counts, for readers who do not know its name.
PLAIN = {
    "L2": "the age of the open level, counting only leads beyond doubt",
    "L3": "the mean time between the two curves",
    "L4": "the time between both sides' first passing the same benchmark scores",
    "L5": "how long after a closed model as able each open record came",
    "L6": "the time between the two trend lines",
    "L7": "the time by which half of all closed records were matched",
    "L8": "the distance between the best models in index points",
}


def _others(week: Week, now: Standing, before: Standing) -> Iterator[Item]:
    """Measures beside the headline that left the interval of the week before."""
    gone = [name for name, lag in sorted(now.lags.items()) if name != LEAD and left(before.lags.get(name), lag)]
    if not gone:
        return
    said = [f"{_plain(name, now)} is {told(now.lags[name])}, a week ago {told(before.lags[name])}" for name in gone]
    yield Item(
        id="gap:measures",
        topic=Topic.GAP,
        title=f"{_upper(_plain(gone[0], now))} left its interval of a week ago"
        if len(gone) == 1
        else f"{len(gone)} other measures of the gap left their intervals of a week ago",
        text=join(*(sentence(one) for one in said[:4]), "90 % intervals stand in brackets."),
        url=at("/gap/", week.as_of),
        weight=7.0,
        flips=True,
    )


def _plain(name: str, now: Standing) -> str:
    return f"{PLAIN.get(name, now.names.get(name, name))} ({name})"


def _upper(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _definitions(week: Week, now: Standing, before: Standing) -> Iterator[Item]:
    if now.longer is None or before.longer is None or abs(now.longer - before.longer) < SPREAD_MOVED:
        return
    yield Item(
        id="gap:definitions",
        topic=Topic.GAP,
        title=f"{number(100 * now.longer, 0)} % of all definitions of the gap now say more than six months",
        text=f"A week ago it was {number(100 * before.longer, 0)} %. Asked were {now.definitions:,} combinations of "
        "measure, benchmarks, meaning of “open”, effort and tolerance.",
        url=at("/gap/#specification", week.as_of),
        weight=6.0,
    )
