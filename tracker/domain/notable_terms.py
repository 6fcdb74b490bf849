"""Licences that came with other words, and models that moved on the ladder of openness or changed their licence."""

from collections.abc import Iterator

from tracker.domain.notable import Item, Topic
from tracker.domain.notable_facts import Move, Rebelief, Rewording, Week
from tracker.domain.notable_words import at, count, join, listed, sentence

MOST = 2


def items(week: Week) -> Iterator[Item]:
    """Rewordings and models under another licence, at most MOST of each; moves on the ladder, the rest of them in
    one."""
    for change in sorted(week.rewordings, key=lambda one: (-_weight(one), one.key))[:MOST]:
        yield _reworded(change, week)
    yield from _relicensed(week)
    yield from _moves(week)


def _weight(change: Rewording) -> float:
    return 8.0 if change.forbidden else 6.0 if change.allowed else 3.5 if change.topics else 2.0


def _reworded(change: Rewording, week: Week) -> Item:
    if change.forbidden:
        told = f"forbids more than before: {listed(change.forbidden, 3)}"
    elif change.allowed:
        told = f"allows more than before: {listed(change.allowed, 3)}"
    else:
        told = "came with other words"
    return Item(
        id=f"licence:{change.key}",
        topic=Topic.LICENCES,
        title=f"{change.name} {told}",
        text=join(_terms(change), _clause(change)),
        url=at(change.path, week.as_of),
        weight=_weight(change),
        labs=change.labs,
    )


def _terms(change: Rewording) -> str:
    if change.forbidden and change.allowed:
        return f"It also allows more in {listed(change.allowed, 3)}."
    if change.forbidden or change.allowed:
        return ""
    if change.read:
        return "No term that we track changed."
    speaks = f"; the clauses that differ speak of {listed(change.topics, 4)}" if change.topics else ""
    return f"Nobody has read the new text for its terms yet{speaks}."


def _clause(change: Rewording) -> str:
    where = f"Clause {change.clause}" if change.clause else "A clause"
    if change.clause_before and change.clause_after:
        return f"{where} said “{change.clause_before}” and says “{change.clause_after}”."
    if change.clause_after:
        return f"{where} is new: “{change.clause_after}”."
    return f"{where} is gone: “{change.clause_before}”." if change.clause_before else ""


def _relicensed(week: Week) -> Iterator[Item]:
    for one in [one for one in week.beliefs if one.field == "licence"][:MOST]:
        was = f"It was {one.before}." if one.before else "It was not known a week ago."
        yield Item(
            id=f"relicensed:{one.slug}",
            topic=Topic.LICENCES,
            title=f"{one.model} is now under {one.after}"
            if one.after
            else f"The licence of {one.model} is not known now",
            text=join(was, _use(one), "The model's page names the document that says so."),
            url=at(f"/models/{one.slug}/", week.as_of),
            weight=6.0 if one.leads else 4.0,
            labs=(one.lab_slug,),
        )


def _use(one: Rebelief) -> str:
    where = f" (clause {one.where})" if one.where else ""
    return f"Of commercial use the new terms say{where}: “{one.clause}”." if one.clause else ""


def _moves(week: Week) -> Iterator[Item]:
    moves = sorted(
        week.moves, key=lambda move: (move.learned, not move.leads, -abs(move.after - move.before), move.slug)
    )
    few = moves if len(moves) <= MOST + 1 else moves[:MOST]
    for move in few:
        yield _move(move, week)
    rest = moves[len(few) :]
    if rest:
        names = [f"{move.model} ({move.before} to {move.after})" for move in rest]
        up = sum(move.after > move.before for move in rest)
        yield Item(
            id="openness:others",
            topic=Topic.OPENNESS,
            title=f"{count(len(rest), 'more model')} moved on the ladder of openness, {up:,} of them up",
            text=f"By rung, of 0 (unreleased) to 8 (open science): {listed(names, 6)}.",
            url=at("/openness/", week.as_of),
            weight=3.0,
            labs=tuple(dict.fromkeys(move.lab_slug for move in rest)),
        )


def _first(steps: str) -> str:
    """The first of several steps, and how many more there are."""
    first, *more = steps.rstrip(".").split("; ")
    return f"{first}; and {count(len(more), 'more step')}" if more else first


def _move(move: Move, week: Week) -> Item:
    way = "up" if move.after > move.before else "down"
    if move.learned:
        title = (
            f"{move.model} by {move.lab} stands on rung {move.after} of 8 of the ladder of openness, as is known now"
        )
        text = (
            f"A week ago, when not all of it was known, it was placed on rung {move.before}, “{move.before_label}”; "
            f"now it is “{move.after_label}”."
        )
    else:
        title = f"{move.model} by {move.lab} moved {way} the ladder of openness, from rung {move.before} to "
        title += f"{move.after} of 8"
        text = f"It was “{move.before_label}” and is now “{move.after_label}”."
    return Item(
        id=f"openness:{move.slug}",
        topic=Topic.OPENNESS,
        title=title,
        text=join(
            text,
            f"What keeps it from the next rung: {sentence(_first(move.blocker))}" if move.blocker else "",
        ),
        url=at(f"/models/{move.slug}/", week.as_of),
        weight=(5.5 if move.leads else 4.0) - (1.0 if move.learned else 0.0),
        labs=(move.lab_slug,),
    )
