"""Labs: the phases of each one's strategy as a run computed them, and what one lab released, did and was told of."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Q

from tracker.domain.strategy import STANCE_WORDS
from tracker.domain.strategy import Stance as Stance
from tracker.models import Event, Lab, ModelState, Price
from tracker.queries.models import ModelRow, state_row
from tracker.queries.run_reports import report
from tracker.queries.runs import RunInfo

REPORT = "strategies"
STANCES = STANCE_WORDS
# Of the labs with the most releases so many stand in the chart.
CHARTED = 16


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One spell of one stance of one lab; `until` is the day of the data where it lasts."""

    lab: str
    lab_slug: str
    stance: str
    since: date
    until: date
    lasts: bool
    provisional: bool
    releases: int
    downloadable: int
    osi: int

    @property
    def words(self) -> str:
        return STANCES[self.stance]


@dataclass(frozen=True, slots=True)
class LabRow:
    """One lab: what it releases and how, its stance now, its best model on the index."""

    slug: str
    name: str
    country: str
    region: str
    releases: int
    downloadable: int
    osi: int
    last_release: str
    stance: str
    since: str
    best: str
    best_slug: str
    value: float | None
    events: int

    @property
    def stance_words(self) -> str:
        return STANCES.get(self.stance, "")


@dataclass(frozen=True, slots=True)
class YearRow:
    """A lab's releases of one year with a known access: under an OSI-approved licence, with other weights, without
    any."""

    year: str
    osi: int
    weights: int
    closed: int


@dataclass(frozen=True, slots=True)
class LabPriceRow:
    """What the lab's own or another host asks for one of its models."""

    fact: int
    model: str
    model_slug: str
    host: str
    input: float | None
    output: float | None
    since: date | None


@dataclass(frozen=True, slots=True)
class LabPage:
    """One lab for its page. `years` and `phases` are as the run reported them, `families` pairs of a name and its
    models, newest first, those of no family last under a blank name; `models` is how many these are."""

    slug: str
    name: str
    country: str
    region: str
    homepage: str
    phases: tuple[PhaseRow, ...]
    years: tuple[YearRow, ...]
    families: tuple[tuple[str, tuple[ModelRow, ...]], ...]
    models: int


def lab_rows(run: RunInfo | None, *, known_at: datetime | None, region: str = "") -> tuple[LabRow, ...]:
    """The labs that a run knows a model of, or that did anything, those with most releases first."""
    labs = Lab.objects.filter(region=region) if region else Lab.objects.all()
    told = report(run, REPORT).get("labs", {})
    best = _best(run)
    events = Counter(
        dict(
            Event.objects.known(known_at)
            .filter(endpoint__source__may_display=True)
            .order_by("lab_id")
            .values_list("lab__slug")
            .annotate(Count("pk"))
        )
    )
    known = set(ModelState.objects.filter(run_id=run.id if run else None).values_list("model__lab__slug", flat=True))
    rows = [
        _lab_row(lab, told.get(lab.slug, {}), best.get(lab.slug), events[lab.slug])
        for lab in labs
        if lab.slug in known or events[lab.slug]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.releases, -row.events, row.name)))


def _best(run: RunInfo | None) -> dict[str, tuple[str, str, float]]:
    """Each lab's highest model on the index: name, slug, value."""
    states = ModelState.objects.filter(run_id=run.id if run else None, value__isnull=False)
    names = ("model__lab__slug", "model__name", "model__slug", "value")
    top = states.order_by("model__lab__slug", F("value").desc(), "pk").distinct("model__lab__slug")
    return {lab: (name, slug, value) for lab, name, slug, value in top.values_list(*names)}


def _lab_row(lab: Lab, told: Mapping[str, Any], best: tuple[str, str, float] | None, events: int) -> LabRow:
    years = told.get("years", {}).values()
    osi, weights = (sum(year.get(kind, 0) for year in years) for kind in ("osi", "weights"))
    phase = told["phases"][-1] if told.get("phases") else {}
    return LabRow(
        slug=lab.slug,
        name=lab.name,
        country=lab.country,
        region=lab.region,
        releases=told.get("releases", 0),
        downloadable=osi + weights,
        osi=osi,
        last_release=told.get("last", ""),
        stance=phase.get("stance", ""),
        since=phase.get("since", ""),
        best=best[0] if best else "",
        best_slug=best[1] if best else "",
        value=best[2] if best else None,
        events=events,
    )


def lab_page(run: RunInfo | None, slug: str) -> LabPage | None:
    """One lab; None: there is none of that name."""
    lab = Lab.objects.filter(slug=slug).first()
    if lab is None:
        return None
    told = report(run, REPORT).get("labs", {}).get(slug, {})
    states = ModelState.objects.filter(run_id=run.id if run else None, model__lab=lab).select_related(
        "model__lab", "model__family", "licence"
    )
    rows = [state_row(state) for state in states.order_by(F("released_on").desc(nulls_last=True), "model__name")]
    families: dict[str, list[ModelRow]] = {}
    for row in rows:
        families.setdefault(row.family, []).append(row)
    return LabPage(
        slug=lab.slug,
        name=lab.name,
        country=lab.country,
        region=lab.region,
        homepage=lab.homepage,
        phases=_phases(lab.name, lab.slug, told, run),
        years=tuple(
            YearRow(year, counts.get("osi", 0), counts.get("weights", 0), counts.get("closed", 0))
            for year, counts in told.get("years", {}).items()
        ),
        # The families with names first, the newest first; what belongs to none last.
        families=tuple(sorted(((name, tuple(some)) for name, some in families.items()), key=lambda one: not one[0])),
        models=len(rows),
    )


def _phases(name: str, slug: str, told: Mapping[str, Any], run: RunInfo | None) -> tuple[PhaseRow, ...]:
    return tuple(
        PhaseRow(
            lab=name,
            lab_slug=slug,
            stance=phase["stance"],
            since=date.fromisoformat(phase["since"]),
            until=date.fromisoformat(phase["until"]) if phase["until"] else run.as_of if run else date.min,
            lasts=not phase["until"],
            provisional=phase["provisional"],
            releases=phase["releases"],
            downloadable=phase["downloadable"],
            osi=phase["osi"],
        )
        for phase in told.get("phases", [])
    )


def phase_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[PhaseRow]:
    """The phases of one lab (`lab`), or of those with the most releases (in one `region`), lab by lab."""
    told = report(run, REPORT).get("labs", {})
    wanted = Q(slug=params["lab"]) if params.get("lab") else Q(slug__in=told)
    if params.get("region"):
        wanted &= Q(region=params["region"])
    names = dict(Lab.objects.filter(wanted).values_list("slug", "name"))
    most = sorted((slug for slug in names if slug in told), key=lambda slug: (-told[slug]["releases"], slug))
    return [row for slug in most[:CHARTED] for row in _phases(names[slug], slug, told[slug], run)]


def lab_prices(slug: str, *, known_at: datetime | None, limit: int = 200) -> tuple[LabPriceRow, ...]:
    """What hosts ask for a lab's models, the newest models first."""
    found = Price.objects.known(known_at).filter(endpoint__source__may_display=True, model__lab__slug=slug)
    newest = found.annotate(newest=Max("model__releases__released_on")).order_by(
        F("newest").desc(nulls_last=True), "model__name", "host", "pk"
    )
    names = ("pk", "model__name", "model__slug", "host", "input", "output", "since")
    return tuple(LabPriceRow(*row) for row in newest.values_list(*names)[:limit])
