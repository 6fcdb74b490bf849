"""What labs did, and when: a dot for each event, a row for each kind, coloured where it opens or closes something."""

from collections.abc import Sequence

from tracker.charts.base import Chart, Column
from tracker.charts.lanes import board, placed, trace
from tracker.charts.theme import Figure, plain
from tracker.queries import events
from tracker.queries.events import KIND_WORDS, KINDS, EventKind, EventRow

EMPTY = "No event is known yet."
WAYS = {
    EventKind.OPEN_RELEASE: "open",
    EventKind.RESTRICTED_RELEASE: "open",
    EventKind.TRACK_OPENED: "open",
    EventKind.PROMISE_KEPT: "open",
    EventKind.CLOSED_RELEASE: "closed",
    EventKind.STAGED_ACCESS: "closed",
    EventKind.TRACK_CLOSED: "closed",
    EventKind.PROMISE_BROKEN: "closed",
}
LOOKS = (
    ("open", "Weights or a line of models opened", "open", "circle"),
    ("closed", "Kept closed or behind a gate", "closed", "square"),
    ("", "Neither", "ink", "diamond"),
)


def figure(rows: Sequence[EventRow]) -> Figure:
    """A row for each kind that has an event, in the order of KINDS."""
    groups = []
    for kind in KINDS:
        some = [(placed(row.occurred_on, row.occurred), row) for row in rows if row.kind == kind]
        if some:
            words = KIND_WORDS[kind]
            groups.append((f"{words[:1].upper()}{words[1:]}", sorted(some, key=lambda one: (one[0], one[1].fact))))
    drawn, dots = board(groups, x="Date", empty=EMPTY)
    for way, name, colour, symbol in LOOKS:
        part = [dot for dot in dots if WAYS.get(EventKind(dot.told.kind), "") == way]
        if part:
            hover = [_hover(dot.told) for dot in part]
            drawn["data"].append(trace(part, hover, name=name, role="event", colour=colour, symbol=symbol))
    return drawn


def _hover(row: EventRow) -> str:
    words = row.title if len(row.title) <= 90 else f"{row.title[:89].rstrip()}…"
    return f"{plain(row.lab)}, {row.occurred}<br>{plain(words)}"


def alt(rows: Sequence[EventRow]) -> str:
    """How many events of whom, from the first day to the last (the rows are oldest first), and how many of each
    kind."""
    told = "; ".join(f"{KIND_WORDS[kind]}: {many}" for kind in KINDS if (many := sum(row.kind == kind for row in rows)))
    labs = len({row.lab_slug for row in rows})
    which = f"{labs} labs" if labs > 1 else rows[0].lab
    every = "1 event" if len(rows) == 1 else f"{len(rows)} events"
    return f"{every} of {which} from {rows[0].occurred} to {rows[-1].occurred}. {told}."


CHART = Chart(
    __name__,
    title="What labs did, and when",
    subtitle="Every collected event by its date, in a row for its kind",
    caption=(
        "A dot is one event, each with its source. Blue and round: weights came out, a line of models opened, a "
        "promise of it was kept; orange and square: only a service came out, access was gated, a line closed, a "
        "promise was broken. An event without a day stands in the middle of its month or year. How many there are "
        "says what was collected, not all that happened."
    ),
    unit="",
    empty=EMPTY,
    rows=events.chart_rows,
    figure=figure,
    alt=alt,
    columns=(
        Column("occurred", "Day"),
        Column("lab", "Lab", link=lambda row: f"/labs/{row.lab_slug}/"),
        Column("kind", "Kind"),
        Column("title", "Event", link=lambda row: f"/facts/event/{row.fact}/"),
        Column("model", "Model", link=lambda row: f"/models/{row.model_slug}/" if row.model_slug else None),
        Column("detail", "More"),
        Column("source", "Source"),
    ),
    newest_first=True,
)
