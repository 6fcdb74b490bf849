"""The ledger of claims: each with its verdict in one run, what it was on its own day, and how it has changed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lag

from tracker.models import Claim, ClaimVerdict, IndexRun
from tracker.queries import runs
from tracker.queries.runs import RunInfo, end_of

VERDICTS = ("holds", "fails", "depends", "untestable")


@dataclass(frozen=True, slots=True)
class Judged:
    """The run that verdicts are shown of: the newest that has any, of all or of those known by the day asked for."""

    id: int
    known_at: datetime
    created_at: datetime
    as_of: date
    asked: date | None

    def beside(self) -> QuerySet[IndexRun]:
        return runs.beside(self.id, known_at=self.known_at, created_at=self.created_at)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim with its verdict. `then` is the verdict on what was known on the day it was made, blank where no run
    stands for that day; `figure` is the first of the claim's own definition."""

    slug: str
    title: str
    quote: str
    author: str
    said: str
    publication: str
    url: str
    topic: str
    verdict: str
    figure: str
    assumption: str
    missing: str
    flip: str
    test: str
    then: str
    then_on: date | None
    flips: int
    flipped_on: date | None
    stated: bool
    due: date | None
    brier: float | None
    note: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What was found under one assumption; `evidence` names each fact or page as kind:reference."""

    assumption: str
    choice: str
    met: bool | None
    figure: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    missing: str
    stated: bool
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Where a figure can be looked up: a fact by kind and number, a page of the site by its name or query, or a page
    elsewhere."""

    kind: str
    ref: str
    label: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """From a day on the verdict was this, on data to `as_of`; `early`: the claim had not been made yet."""

    known_on: date
    as_of: date
    verdict: str
    figure: str
    assumption: str
    early: bool


@dataclass(frozen=True, slots=True)
class FlipRow:
    """A verdict that changed from one run to the next."""

    slug: str
    title: str
    on: date
    before: str
    after: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What the ledger can be narrowed by; blank is everything."""

    verdict: str = ""
    topic: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows asked for, and what there is to choose from: (name, count) by verdict, topic and author."""

    rows: tuple[ClaimRow, ...]
    verdicts: tuple[tuple[str, int], ...]
    topics: tuple[tuple[str, int], ...]
    authors: tuple[tuple[str, int], ...]
    flips: tuple[FlipRow, ...]
    total: int


def judged(day: date | None, run: RunInfo | None = None) -> Judged | None:
    """The newest run with verdicts; with a day the newest whose facts were known by its end; with a run of the past
    that one or, while it has not come so far, the last before it."""
    with_verdicts = IndexRun.objects.filter(Exists(ClaimVerdict.objects.filter(run=OuterRef("pk"))))
    if run is not None and run.facts_at is not None:
        known = runs.beside(run.id, known_at=run.known_at, created_at=run.created_at)
        with_verdicts = with_verdicts.filter(pk__in=known.values("pk"))
    elif day is None:
        with_verdicts = with_verdicts.filter(historic=False)
    else:
        with_verdicts = with_verdicts.filter(known_at__lte=end_of(day))
    found = with_verdicts.order_by("-known_at", "-pk").first()
    return None if found is None else Judged(found.pk, found.known_at, found.created_at, found.as_of, day)


def ledger(run: Judged | None, wanted: ClaimFilter) -> Ledger:
    """The claims of the run that match, newest first, with the counts of all of them."""
    changed = flips_of(run)
    rows = claim_rows(run, changed)
    kept = tuple(
        row
        for row in rows
        if (not wanted.verdict or row.verdict == wanted.verdict)
        and (not wanted.topic or row.topic == wanted.topic)
        and (not wanted.author or row.author == wanted.author)
    )
    counts = Counter(row.verdict for row in rows)
    return Ledger(
        rows=kept,
        verdicts=tuple((name, counts[name]) for name in VERDICTS),
        topics=_counted(row.topic for row in rows),
        authors=_counted(row.author for row in rows),
        flips=tuple(changed),
        total=len(rows),
    )


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items()))


def claim_rows(run: Judged | None, changed: Iterable[FlipRow]) -> list[ClaimRow]:
    """Every claim that the run judged, newest first; on a day of the past none that had not been made."""
    if run is None:
        return []
    found = ClaimVerdict.objects.filter(run_id=run.id).select_related("claim")
    if run.asked is not None:
        found = found.filter(claim__said_on__lte=run.asked)
    then, flips = _then(run), Counter[str]()
    flipped: dict[str, date] = {}
    for flip in changed:
        flips[flip.slug] += 1
        flipped.setdefault(flip.slug, flip.on)
    rows = [_row(verdict, then.get(verdict.claim_id), flips, flipped) for verdict in found]
    by_place = sorted(rows, key=lambda row: (row.publication, row.slug))
    return sorted(by_place, key=lambda row: row.said, reverse=True)


def _row(
    verdict: ClaimVerdict,
    then: tuple[str, datetime] | None,
    flips: Mapping[str, int],
    flipped: Mapping[str, date],
) -> ClaimRow:
    claim, reading = verdict.claim, verdict.reading
    figures = reading.get("figures", [])
    own = next((figure for figure in figures if not figure["choice"]), None)
    due = (claim.test.get("forecast") or {}).get("due")
    return ClaimRow(
        slug=claim.slug,
        title=claim.title,
        quote=claim.quote,
        author=claim.author,
        said=said_words(claim),
        publication=claim.publication,
        url=claim.url if claim.url.startswith(("https://", "http://")) else "",
        topic=claim.topic,
        verdict=verdict.verdict,
        figure=own["figure"] if own else "",
        assumption=verdict.assumption,
        missing=reading.get("missing", ""),
        flip=reading.get("flip", ""),
        test=reading.get("test", ""),
        then=then[0] if then else "",
        then_on=then[1].date() if then else None,
        flips=flips.get(claim.slug, 0),
        flipped_on=flipped.get(claim.slug),
        stated=any(figure["stated"] for figure in figures),
        due=date.fromisoformat(due) if due else None,
        brier=reading.get("brier"),
        note=claim.test.get("note", ""),
    )


def said_words(claim: Claim) -> str:
    """The date as exactly as it is known."""
    return claim.said_on.isoformat()[: {"year": 4, "month": 7}.get(claim.precision, 10)]


def _then(run: Judged) -> dict[int, tuple[str, datetime]]:
    """By claim the verdict of the run that stands for the day it was made, where that day is known."""
    standing = ClaimVerdict.objects.filter(
        claim__precision="day", run__known_at__date__lte=F("claim__said_on"), run__in=run.beside().values("pk")
    )
    newest = standing.order_by("claim_id", "-run__known_at", "-run_id").distinct("claim_id")
    return {claim: (verdict, at) for claim, verdict, at in newest.values_list("claim_id", "verdict", "run__known_at")}


def flips_of(run: Judged | None) -> list[FlipRow]:
    """Every change of a verdict up to the run and since the claim was made, newest first."""
    if run is None:
        return []
    before = Window(Lag("verdict"), partition_by="claim_id", order_by=("run__known_at", "run_id"))
    changed = (
        ClaimVerdict.objects.filter(run__in=run.beside().values("pk"), claim__listed=True)
        .annotate(before=before)
        .filter(~Q(before=F("verdict")), before__isnull=False)
        .order_by("-run__known_at", "claim__slug")
    )
    columns = (
        "claim__said_on",
        "claim__precision",
        "run__known_at",
        "claim__slug",
        "claim__title",
        "before",
        "verdict",
    )
    return [
        FlipRow(slug, title, at.date(), old, new, at)
        for said_on, precision, at, slug, title, old, new in changed.values_list(*columns)
        if precision != "day" or at.date() > said_on
    ]


def claim_row(run: Judged | None, slug: str) -> ClaimRow | None:
    """One claim with the run's verdict. One that no run has judged yet has none; None: there is no such claim."""
    verdict = None
    if run is not None:
        verdict = ClaimVerdict.objects.filter(run_id=run.id, claim__slug=slug).select_related("claim").first()
    if verdict is None:
        claim = Claim.objects.filter(slug=slug, listed=True).first()
        return None if claim is None else _row(ClaimVerdict(claim=claim, verdict=""), None, {}, {})
    assert run is not None  # noqa: S101  a verdict is of a run
    flips = [flip for flip in flips_of(run) if flip.slug == slug]
    last = {slug: flips[0].on} if flips else {}
    return _row(verdict, _then(run).get(verdict.claim_id), {slug: len(flips)}, last)


def figures_of(run: Judged | None, slug: str) -> tuple[list[FigureRow], list[EvidenceRow]]:
    """What the run found of a claim, its own definition first, and each piece of evidence once."""
    if run is None:
        return [], []
    found = ClaimVerdict.objects.filter(run_id=run.id, claim__slug=slug).values_list("reading", flat=True).first()
    told = sorted((found or {}).get("figures", []), key=lambda figure: bool(figure["choice"]))
    evidence = dict.fromkeys(EvidenceRow(**part) for figure in told for part in figure["evidence"])
    rows = [
        FigureRow(**{**figure, "evidence": tuple(f"{part['kind']}:{part['ref']}" for part in figure["evidence"])})
        for figure in told
    ]
    return rows, list(evidence)


def history_of(run: Judged | None, slug: str) -> list[HistoryRow]:
    """The verdicts on a claim up to the run, newest first: the first of each stretch that said the same."""
    if run is None:
        return []
    found = ClaimVerdict.objects.filter(claim__slug=slug, run__in=run.beside().values("pk"))
    columns = ("run__known_at", "run__as_of", "verdict", "assumption", "claim__said_on", "claim__precision")
    rows: list[HistoryRow] = []
    for at, as_of, verdict, assumption, said_on, precision, figures in found.order_by(
        "run__known_at", "run_id"
    ).values_list(*columns, "reading__figures__0__figure"):
        early = precision == "day" and at.date() < said_on
        if not rows or (rows[-1].verdict, rows[-1].early) != (verdict, early):
            rows.append(HistoryRow(at.date(), as_of, verdict, figures or "", assumption, early))
    return rows[::-1]
