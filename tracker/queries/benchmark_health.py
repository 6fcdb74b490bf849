"""Benchmark health as a run reported it: every month of every benchmark, the last of them, and what has leaked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.db.models.fields.json import KeyTransform

from tracker.domain import saturation
from tracker.domain.scopes import ALL, in_scope
from tracker.models import Benchmark, RunReport
from tracker.queries import gap
from tracker.queries.gap import InfluenceRow
from tracker.queries.runs import RunInfo

STORED_AS = "benchmark-health"
NARROWING, SATURATED = saturation.INFORMATION_NARROWING, saturation.INFORMATION_SATURATED
STATES = tuple(state.name.lower() for state in saturation.State)
MEANINGS = {
    "live": "tells models at the frontier apart",
    "narrowing": "tells less, or the best models lie close together",
    "saturated": "chance could order the best models; what is left to the ceiling may be errors in the questions",
    "retired": f"no model released in the last {saturation.RETIRED_AFTER_MONTHS} months has a score",
}


def _thousandths(value: float | None) -> float | None:
    return None if value is None else 1000 * value


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One benchmark at one month's end. `information` is slope² p (1 - p) per item at the closed frontier, p being
    `predicted`; `share` is it over its peak, `resolution` the index points to which all items place a model."""

    benchmark: str
    slug: str
    month: date
    state: str
    seen: str
    models: int
    best: float | None
    predicted: float | None
    information: float | None
    low: float | None
    high: float | None
    share: float | None
    alike: float | None
    headroom: float | None
    resolution: float | None

    @property
    def thousandths(self) -> tuple[float | None, float | None, float | None]:
        """The information and its bounds in thousandths, which a reader can tell apart."""
        return _thousandths(self.information), _thousandths(self.low), _thousandths(self.high)


@dataclass(frozen=True, slots=True)
class LatestRow:
    """One benchmark today: its state since when, the three signals, and what may disturb them."""

    benchmark: str
    slug: str
    category: str
    access: str
    state: str
    since: date
    information: float | None
    low: float | None
    high: float | None
    share: float | None
    share_year_ago: float | None
    predicted: float | None
    resolution: float | None
    alike: float | None
    headroom: float | None
    items: int | None
    models: int
    released_on: date | None
    leaks: int

    @property
    def thousandths(self) -> tuple[float | None, float | None, float | None]:
        """The information and its bounds in thousandths, which a reader can tell apart."""
        return _thousandths(self.information), _thousandths(self.low), _thousandths(self.high)


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One finding about questions that models may have been trained on, or graders that were wrong."""

    benchmark: str
    slug: str
    date: str
    text: str
    url: str

    @property
    def host(self) -> str:
        """Whose page it is."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Trend:
    """The share of its peak information that a benchmark had over the last months, as points of a small drawing."""

    now: float
    before: float | None
    points: str


TREND_WIDTH, TREND_HEIGHT, YEAR = 72.0, 18.0, 12


def _stored(run: RunInfo | None, *keys: str) -> Any:
    """One part of the run's report, so that not all of it need leave the database."""
    if run is None:
        return None
    part: Any = "report"
    for key in keys:
        part = KeyTransform(key, part)
    return RunReport.objects.filter(run_id=run.id, name=STORED_AS).values_list(part, flat=True).first()


def _row(benchmark: Benchmark, values: Sequence[Any]) -> HealthRow:
    return HealthRow(benchmark.name, benchmark.slug, date.fromisoformat(values[0]), *values[1:13])


def health_rows(run: RunInfo | None, params: Mapping[str, str]) -> list[HealthRow]:
    """The months of the benchmark that `params` names, oldest first; or else the ends of quarters, and the last day, of
    every benchmark of its scope that is on the index."""
    shown = Benchmark.objects.filter(may_display=True)
    if wanted := params.get("benchmark"):
        benchmark = shown.filter(slug=wanted).first()
        months = _stored(run, "benchmarks", wanted) if benchmark else None
        return [_row(benchmark, values) for values in months or []] if benchmark else []
    scope = params.get("scope", ALL)
    of = {b.slug: b for b in shown if in_scope(scope, category=b.category, access=b.access)}
    months = _stored(run, "benchmarks") or {}
    rows = (_row(of[slug], values) for slug in sorted(months) if slug in of for values in _quarters(months[slug]))
    return [row for row in rows if row.information is not None]


def _quarters(months: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The ends of quarters, and the last month whichever it is: "2025-03-31" is one."""
    return [values for values in months[:-1] if int(values[0][5:7]) % 3 == 0] + list(months[-1:])


def latest_rows(run: RunInfo | None, day: date | None = None) -> list[LatestRow]:
    """Every benchmark's last month, live ones first, in each state the most informative first. Of a day of the past
    only the leaks found by then count."""
    found = _stored(run, "latest") or {}
    past = _stored(run, "trends") or {}
    rows = []
    for benchmark in Benchmark.objects.filter(may_display=True, slug__in=found):
        row, trend = _row(benchmark, found[benchmark.slug]), past.get(benchmark.slug, [])
        rows.append(
            LatestRow(
                benchmark=benchmark.name,
                slug=benchmark.slug,
                category=benchmark.category,
                access=benchmark.access,
                state=row.state,
                since=date.fromisoformat(found[benchmark.slug][13]),
                information=row.information,
                low=row.low,
                high=row.high,
                share=row.share,
                share_year_ago=_year_ago(trend),
                predicted=row.predicted,
                resolution=row.resolution,
                alike=row.alike,
                headroom=row.headroom,
                items=benchmark.items,
                models=row.models,
                released_on=benchmark.released_on,
                leaks=len(_leaks(benchmark, day)),
            )
        )
    return sorted(rows, key=lambda row: (STATES.index(row.state), -(row.information or 0.0), row.benchmark))


def _year_ago(trend: Sequence[float | None]) -> float | None:
    return trend[-1 - YEAR] if len(trend) > YEAR else None


def trends(run: RunInfo | None) -> dict[str, Trend]:
    """Every benchmark's trend by slug; benchmarks that are not on the index have none."""
    found = {}
    for slug, shares in (_stored(run, "trends") or {}).items():
        known = [(at, share) for at, share in enumerate(shares) if share is not None]
        if not known or shares[-1] is None:
            continue
        step = TREND_WIDTH / max(len(shares) - 1, 1)
        # The last month stands at the right edge, however young the benchmark is.
        points = " ".join(f"{at * step:.1f},{1 + (1 - share) * (TREND_HEIGHT - 2):.1f}" for at, share in known)
        found[slug] = Trend(shares[-1], _year_ago(shares), points if len(known) > 1 else "")
    return found


def leak_rows(day: date | None = None, slug: str = "") -> list[LeakRow]:
    """What is known of leaked questions and wrong answers, the newest first; of a day of the past what was found by
    then."""
    shown = Benchmark.objects.filter(may_display=True).exclude(contamination=[])
    if slug:
        shown = shown.filter(slug=slug)
    rows = [row for benchmark in shown for row in _leaks(benchmark, day)]
    return sorted(sorted(rows, key=lambda row: row.benchmark), key=lambda row: row.date, reverse=True)


def _leaks(benchmark: Benchmark, day: date | None) -> list[LeakRow]:
    return [
        LeakRow(benchmark.name, benchmark.slug, found["date"], found["text"], found["url"])
        for found in benchmark.contamination
        # "2025-04" is a month: a day in it knows it.
        if day is None or found["date"] <= day.isoformat()
    ]


def influence_of(run: RunInfo | None, name: str) -> list[InfluenceRow]:
    """What the benchmark of that name does to every estimate of today's default question; empty where it is not on the
    index, or on days of the past."""
    return [row for row in gap.influence_rows(run, {}) if row.benchmark == name]


def thresholds() -> list[tuple[str, str, str]]:
    """What each signal must show for a benchmark to count as narrowing and as saturated, in words."""
    return [
        (
            "Information at the frontier, over its peak",
            f"below {NARROWING:.0%}",
            f"below {SATURATED:.0%}",
        ),
        (
            "Top five alike, S",
            f"above {saturation.ALIKE_NARROWING:.2f}",
            f"above {saturation.ALIKE_SATURATED:.2f}",
        ),
        (
            "Headroom to the ceiling",
            f"below {saturation.HEADROOM_NARROWING:.0%}",
            f"below {saturation.HEADROOM_SATURATED:.0%}",
        ),
    ]
