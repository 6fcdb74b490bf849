"""Who said what on which topic and when, as it was known on a day; and each person with their statements."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from tracker.domain.events import Topic as Topic
from tracker.domain.names import normalise
from tracker.domain.records import Precision, When
from tracker.models import Alias, Person, Statement
from tracker.queries import dated
from tracker.queries.claims import ClaimFilter, ClaimRow, Judged, ledger
from tracker.queries.dated import DatedFilter
from tracker.queries.runs import RunInfo

DAY = "said_on"
TOPICS = tuple(Topic)
TOPIC_WORDS = {
    Topic.OPENNESS: "Openness, and where it ends",
    Topic.SAFETY: "Safety and gates before a release",
    Topic.GAP: "How far open models are behind",
    Topic.ABUNDANCE: "Abundance: intelligence too cheap to meter",
    Topic.WORLD_MODELS: "World models, or language models",
    Topic.SPECIALISTS: "Specialists, or generalists",
    Topic.BUSINESS: "Business",
    Topic.GEOPOLITICS: "Geopolitics",
    Topic.EFFICIENCY: "Efficiency",
    Topic.LABOUR: "Labour",
}


@dataclass(frozen=True, slots=True)
class StatementFilter(DatedFilter):
    """What the page can be narrowed by."""

    topic: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement; `fact` is the row its provenance is shown by, `said` the date as exactly as it is known."""

    fact: int
    topic: str
    said_on: date
    said: str
    person: str
    person_slug: str
    lab: str
    lab_slug: str
    summary: str
    quote: str
    venue: str
    url: str

    @property
    def exact(self) -> bool:
        return len(self.said) == 10


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements asked for, newest first, and what there is to choose from with how many there are of each."""

    rows: tuple[StatementRow, ...]
    topics: Mapping[str, int]
    people: tuple[tuple[str, str, int], ...]
    labs: tuple[tuple[str, str, int], ...]
    every: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody whose statements are collected; `lab` is the one they are known for, dates are as exact as known."""

    slug: str
    name: str
    role: str
    lab: str
    lab_slug: str
    statements: int
    first: str
    last: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person, what they said, newest first, and their claims in the ledger."""

    person: PersonRow
    homepage: str
    rows: tuple[StatementRow, ...]
    claims: tuple[ClaimRow, ...]


def _known(known_at: datetime | None) -> QuerySet[Statement]:
    return dated.known(Statement.objects.known(known_at), DAY, known_at=known_at)


def statements(wanted: StatementFilter, *, known_at: datetime | None) -> Statements:
    """Counts of topics are of what the other filters leave; of people and labs, of all."""
    known = _known(known_at)
    found = dated.narrowed(known, DAY, wanted)
    if wanted.person:
        found = found.filter(person__slug=wanted.person)
    rows = _rows(found)
    topics = Counter(row.topic for row in rows)
    people = known.order_by("person__name").values_list("person__slug", "person__name").annotate(Count("pk"))
    labs = known.exclude(lab=None).order_by("lab__name").values_list("lab__slug", "lab__name").annotate(Count("pk"))
    chosen = tuple(people)
    return Statements(
        rows=tuple(row for row in rows if not wanted.topic or row.topic == wanted.topic),
        topics={topic: topics[topic] for topic in TOPICS},
        people=chosen,
        labs=tuple(labs),
        every=sum(many for _, _, many in chosen),
    )


def statement_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[StatementRow]:
    """Every statement, oldest first, for the chart."""
    return _rows(_known(run.facts_at if run else None))[::-1]


def _rows(found: QuerySet[Statement]) -> list[StatementRow]:
    newest = found.select_related("person", "lab").order_by("-said_on", "-pk")
    return [
        StatementRow(
            fact=one.pk,
            topic=one.topic,
            said_on=one.said_on,
            said=str(When(one.said_on, Precision(one.precision))),
            person=one.person.name,
            person_slug=one.person.slug,
            lab=one.lab.name if one.lab else "",
            lab_slug=one.lab.slug if one.lab else "",
            summary=one.summary,
            quote=one.quote,
            venue=one.venue,
            url=one.url if one.url.startswith(("https://", "http://")) else "",
        )
        for one in newest
    ]


def people(*, known_at: datetime | None) -> list[PersonRow]:
    """Everybody by name with how much they said; on a day of the past those who had said something by then."""
    said: dict[int, list[tuple[date, str, str]]] = {}
    for person, on, precision, topic in _known(known_at).values_list("person_id", "said_on", "precision", "topic"):
        said.setdefault(person, []).append((on, str(When(on, Precision(precision))), topic))
    found = Person.objects.select_related("lab").order_by("name")
    return [_person(one, said.get(one.pk, [])) for one in found if known_at is None or one.pk in said]


def _person(one: Person, said: Sequence[tuple[date, str, str]]) -> PersonRow:
    days = [written for _, written, _ in sorted(said)]
    return PersonRow(
        slug=one.slug,
        name=one.name,
        role=one.role,
        lab=one.lab.name if one.lab else "",
        lab_slug=one.lab.slug if one.lab else "",
        statements=len(said),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        topics=_in_order({topic for _, _, topic in said}),
    )


def _in_order(topics: Container[str]) -> tuple[str, ...]:
    return tuple(topic.value for topic in TOPICS if topic.value in topics)


def person_page(slug: str, *, known_at: datetime | None, judged: Judged | None) -> PersonPage | None:
    """One person with what they said by that time, and the claims whose author answers to one of their names."""
    one = Person.objects.select_related("lab").filter(slug=slug).first()
    if one is None:
        return None
    rows = _rows(_known(known_at).filter(person=one))
    names = {normalise(one.name), *Alias.objects.filter(person=one).values_list("key", flat=True)}
    return PersonPage(
        person=_person(one, [(row.said_on, row.said, row.topic) for row in rows]),
        homepage=one.homepage if one.homepage.startswith(("https://", "http://")) else "",
        rows=tuple(rows),
        # "Jack Clark, as told by an unsigned page" is a claim of Jack Clark's.
        claims=tuple(
            claim for claim in ledger(judged, ClaimFilter()).rows if normalise(claim.author.partition(",")[0]) in names
        ),
    )
