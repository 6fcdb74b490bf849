"""What people said by topic, everybody who is quoted, and one person with statements and claims."""

from dataclasses import asdict, dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import claims, runs, statements
from tracker.queries.statements import TOPIC_WORDS, TOPICS, StatementRow
from tracker.views import formats, state
from tracker.views.claims import BADGES
from tracker.views.figures import drawn
from tracker.views.page import show

# Of each topic while no topic is chosen: the rest is one click away.
SHOWN = 8
WORDS = {topic.value: words for topic, words in TOPIC_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Group:
    """One topic as a page shows it; `more` is the address of all of it where not all is shown."""

    topic: str
    title: str
    rows: tuple[StatementRow, ...]
    total: int
    more: str


@require_safe
@state.tagged
def statement_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/statements/: by topic, of each the newest SHOWN until one is chosen; its files hold all that pass."""
    day = state.as_of(request)
    run = runs.run_for(day)
    wanted = statements.StatementFilter(
        topic=state.choice(request, "topic", ("", *TOPICS), ""),
        person=state.words(request, "person"),
        lab=state.words(request, "lab"),
        since=state.day(request, "from"),
        until=state.day(request, "to"),
    )
    at = runs.facts_at(run, day)
    found = statements.statements(wanted, known_at=at)
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "total": len(found.rows)}
        about |= {"filter": {name: str(value or "") for name, value in asdict(wanted).items()}}
        return formats.rows_as(suffix, found.rows, StatementRow, name="statements", about=about)
    keys = {"topic": wanted.topic, "person": wanted.person, "lab": wanted.lab, "as_of": str(day or "")}
    keys |= {"from": str(wanted.since or ""), "to": str(wanted.until or "")}
    keys = {name: value for name, value in keys.items() if value}
    bare = {name: value for name, value in keys.items() if name != "topic"}
    chart = CHARTS["statements"]
    context = {
        "found": found,
        "wanted": wanted,
        "groups": _groups(found.rows, bare, whole=bool(wanted.topic)),
        "chips": [
            (WORDS[topic], many, urlencode({**bare, "topic": topic}), topic == wanted.topic)
            for topic, many in found.topics.items()
            if many
        ],
        "bare": urlencode(bare),
        "query": urlencode(keys),
        "figure": drawn(request, chart, run, {}, rows=None if run or not day else []),
    }
    return show(
        request,
        "statements.html",
        title="Statements",
        description="What people who build and judge AI said on openness, safety, the gap and more, with sources.",
        as_of=day,
        run=run,
        context=context,
    )


def _groups(rows: tuple[StatementRow, ...], bare: dict[str, str], *, whole: bool) -> list[Group]:
    order = {topic.value: nth for nth, topic in enumerate(TOPICS)}
    groups = []
    for topic, some in groupby(sorted(rows, key=lambda row: order[row.topic]), key=lambda row: row.topic):
        every = tuple(some)
        shown = every if whole else every[:SHOWN]
        more = f"/statements/?{urlencode({**bare, 'topic': topic})}" if len(shown) < len(every) else ""
        groups.append(Group(topic, WORDS[topic], shown, len(every), more))
    return groups


@require_safe
@state.tagged
def people_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/people/ and its files: everybody whose statements are collected, on a day of the past who had said one by
    then."""
    day = state.as_of(request)
    run = runs.run_for(day)
    found = statements.people(known_at=runs.facts_at(run, day))
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "total": len(found)}
        return formats.rows_as(suffix, found, statements.PersonRow, name="people", about=about)
    return show(
        request,
        "people.html",
        title="People",
        description="Everybody whose statements on open and closed AI are collected here, with how many and on what.",
        as_of=day,
        run=run,
        context={"people": found, "topics": WORDS},
    )


@require_safe
@state.tagged
def person_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/people/SLUG/: what one person said, and the claims that are theirs; its files hold the statements."""
    day = state.as_of(request)
    run = runs.run_for(day)
    found = statements.person_page(slug, known_at=runs.facts_at(run, day), judged=claims.judged(day))
    if found is None:
        raise Http404(f"Nobody is named {slug}")
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "person": asdict(found.person)}
        return formats.rows_as(suffix, found.rows, StatementRow, name=slug, about=about)
    return show(
        request,
        "person.html",
        title=found.person.name,
        description=f"What {found.person.name} said on open and closed AI, by topic, each with its source.",
        as_of=day,
        run=run,
        context={
            "found": found,
            "person": found.person,
            "groups": _groups(found.rows, {}, whole=True),
            "badges": BADGES,
        },
    )
