"""The target data of the design, or a share of them: made up from a seed, skewed as real data are, written by COPY."""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import connection
from django.utils import timezone

from benchmarks._scale_readers import readers
from benchmarks._scale_rows import DAYS, NOW, Size, copy, drawn, zipf
from tracker.domain.names import normalise
from tracker.models import AIModel, Benchmark, Endpoint, Lab, Licence, Setting, Source
from tracker.pipeline import catalog, collect
from tracker.sources import SOURCES

ENDED: Final = 0.1  # of the scores have an earlier value beside the one that holds
INDEX_SHARE: Final = 0.5  # of the scores come from the sources that feed the index
EXAMS_BESIDE: Final = 200  # benchmarks that do not feed it; they grow as the square root, as do labs
LABS: Final = 400
SETTINGS: Final = 200
BATCH: Final = 100_000
FIRST: Final = date(2023, 1, 1)
ANCHORS: Final = ("gpt-5", "claude-3-5-sonnet-jun-2024")
ACCESS: Final = ("api", "weights-permissive", "weights-restricted", "weights")
CLOSED: Final = 0.45
EMPTY: Final = "\\\\x" + zlib.compress(b"[]").hex()
PAGE: Final = "\\\\x" + "ab" * 600  # what a page of some 1,500 bytes packs to


def build(percent: float, seed: int) -> Size:
    """Fill an empty migrated database; the same seed makes the same facts at the same share."""
    catalog.load_catalog(now=timezone.now())
    collect.enrol(now=NOW)
    size, rng = Size.at(percent), np.random.default_rng([seed, round(percent * 1000)])
    root = math.sqrt(percent / 100)
    _labs(round(LABS * root))
    _exams(round(EXAMS_BESIDE * root))
    _settings()
    models = _models(size.models)
    documents = _documents()
    _many_snapshots(size.snapshots)
    days, closed = _releases(size, models, documents, rng)
    _scores(size, models, documents, days, closed, rng)
    _prices(size, models, documents, rng)
    _news(size, documents)
    _waiting(size, documents)
    readers(size)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_dataversion SET value = value + 1, changed_at = now()")
        cursor.execute("ANALYZE")
    return size


def _labs(count: int) -> None:
    regions = ("us", "china", "europe", "other")
    Lab.objects.bulk_create(
        Lab(slug=f"made-lab-{n}", name=f"Made lab {n}", region=regions[n % 4]) for n in range(count)
    )


def _exams(count: int) -> None:
    kinds = ("coding", "knowledge", "mathematics", "reasoning", "agentic")
    Benchmark.objects.bulk_create(
        Benchmark(
            slug=f"made-exam-{n}", name=f"Made exam {n}", category=kinds[n % 5], unit="proportion", floor=0, ceiling=1,
            access="public", in_index=False,
        )
        for n in range(count)
    )  # fmt: skip


def _settings() -> None:
    efforts = ("", "high", "medium", "low", "max")
    Setting.objects.bulk_create(
        (
            Setting(effort=efforts[n % 5], budget=0 if n < 5 else 1024 * (n % 8), shots=str(n // 5) if n >= 5 else "")
            for n in range(SETTINGS)
        ),
        ignore_conflicts=True,
    )


def _models(count: int) -> list[tuple[int, str]]:
    """Ids and names, the anchors first, then the catalogue's, then made ones; each goes by its name and another."""
    known = {model.slug: model for model in AIModel.objects.order_by("slug")}
    chosen = [known[slug] for slug in ANCHORS]
    chosen += [model for slug, model in known.items() if slug not in ANCHORS][: count - len(chosen)]
    made = range(count - len(chosen))
    labs = list(Lab.objects.order_by("slug").values_list("pk", flat=True))
    lab = np.minimum(
        np.searchsorted(zipf(len(labs), shift=2, power=1.0), (np.array(made) * 0.618034) % 1), len(labs) - 1
    )
    copy("tracker_aimodel", ("slug", "name", "lab_id"), ((f"made-{n}", f"Made model {n}", labs[lab[n]]) for n in made))
    fresh = list(AIModel.objects.filter(slug__startswith="made-").order_by("pk").values_list("pk", "name"))
    copy(
        "tracker_alias",
        ("kind", "key", "name", "model_id", "added_by"),
        (
            ("model", normalise(name), name, pk, "")
            for pk, plain in fresh
            for name in (plain, plain.replace("Made", "Maker/made"))
        ),
    )
    return [*((model.pk, model.name) for model in chosen), *fresh]


@dataclass(frozen=True, slots=True)
class Documents:
    """A live document of each source that facts come from, with a snapshot of each day of the history."""

    endpoints: dict[str, int]
    snapshots: dict[str, list[int]]
    days: list[datetime]


def _documents() -> Documents:
    days = [NOW - timedelta(days=DAYS - 1 - day) for day in range(DAYS)]
    copy("tracker_blob", ("sha256", "size", "packed"), [("0" * 64, 2, EMPTY)])
    endpoints, snapshots = {}, {}
    for slug in ("epoch_panel", "epoch_benchmarks", "models_dev", "evalplus", "epoch_models", "lab_feeds"):
        endpoint = Endpoint.objects.get(url=SOURCES[slug].urls[0])
        counts = '{"records": {"score": 1}}' if slug not in ("lab_feeds",) else '{"records": {"news": 1}}'
        copy("tracker_snapshot", _SNAPSHOT, (_snapshot(endpoint.pk, day, counts, "0" * 64) for day in days))
        endpoints[slug] = endpoint.pk
        snapshots[slug] = list(endpoint.snapshots.order_by("fetched_at").values_list("pk", flat=True))
        Endpoint.objects.filter(pk=endpoint.pk).update(
            current=snapshots[slug][-1], confirmed_at=days[-1], checked_at=days[-1], due_at=days[-1]
        )
    return Documents(endpoints, snapshots, days)


_SNAPSHOT: Final = (
    "endpoint_id", "blob_id", "fetched_at", "media_type", "original_sha256", "state", "message", "ingested_at",
    "counts", "lease_by", "attempts", "last_error",
)  # fmt: skip


def _snapshot(endpoint: int, at: datetime, counts: str, blob: str) -> tuple[Any, ...]:
    return (endpoint, blob, at.isoformat(), "application/json", "", "ingested", "", at.isoformat(), counts, "", 0, "")


def _sha256(number: int, day: int) -> str:
    return f"{number * DAYS + day + 1:064x}"


def _many_snapshots(count: int) -> None:
    """What a wide watch brings beside the documents of facts: pages and feeds that changed once a day, each attempt a
    row, two attempts to a change."""
    source = Source.objects.get(slug="lab_feeds")
    addresses = max(1, count // DAYS)
    Endpoint.objects.bulk_create(
        (
            Endpoint(source=source, url=f"https://made-{n}.example.org/feed.xml", confirmed_at=NOW)
            for n in range(addresses)
        ),
        batch_size=5000,
    )
    watched = list(Endpoint.objects.filter(url__startswith="https://made-").order_by("pk").values_list("pk", flat=True))
    each = [(n, endpoint, day) for day in range(DAYS) for n, endpoint in enumerate(watched)]
    copy("tracker_blob", ("sha256", "size", "packed"), ((_sha256(n, day), 1500, PAGE) for n, _, day in each))
    counts = '{"records": {"news": 20}}'
    copy(
        "tracker_snapshot", _SNAPSHOT,
        (
            _snapshot(endpoint, NOW - timedelta(days=DAYS - 1 - day, minutes=1), counts, _sha256(n, day))
            for n, endpoint, day in each
        ),
    )  # fmt: skip
    copy(
        "tracker_fetch", ("endpoint_id", "started_at", "seconds", "outcome", "message"),
        (
            (endpoint, (NOW - timedelta(days=DAYS - 1 - day, hours=12 * turn)).isoformat(), 0.4, outcome, "")
            for _, endpoint, day in each
            for turn, outcome in enumerate(("changed", "unchanged"))
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracker_endpoint e SET current_id = s.id FROM tracker_snapshot s "
            "WHERE s.endpoint_id = e.id AND s.fetched_at = %s",
            [NOW - timedelta(minutes=1)],
        )


_FACT: Final = (
    "endpoint_id", "key", "digest", "name", "url", "first_snapshot_id", "known_from", "last_snapshot_id", "known_to",
)  # fmt: skip


def _releases(
    size: Size, models: list[tuple[int, str]], documents: Documents, rng: np.random.Generator
) -> tuple[Any, Any]:
    """One release fact a model, and of the best known ones a second source's; returns the days and who is closed."""
    span = (NOW.date() - FIRST).days
    days = np.sort(rng.integers(0, span, len(models)))[rng.permutation(len(models))]
    days[0], days[1] = (date(2025, 8, 7) - FIRST).days, (date(2024, 6, 20) - FIRST).days
    closed = rng.random(len(models)) < CLOSED
    closed[:2] = True
    licences = list(Licence.objects.order_by("slug").values_list("pk", flat=True))
    chances = zipf(len(licences), shift=1, power=1.0)
    licence = drawn(rng, chances, len(models))
    access = 1 + drawn(rng, np.array([0.7, 0.9, 1.0]), len(models))
    large = np.exp(rng.normal(23.5, 1.6, len(models)))

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(size.releases):
            at = n % len(models)
            slug = "epoch_models" if n < len(models) else "models_dev"
            pk, name = models[at]
            snapshot, known = documents.snapshots[slug][0], documents.days[0]
            yield (
                documents.endpoints[slug], f"release-{n}", f"{n:032x}", name, "", snapshot, known.isoformat(), None,
                None, pk, FIRST + timedelta(days=int(days[at])), "day", "api" if closed[at] else ACCESS[access[at]],
                None if closed[at] else licences[licence[at]], "", f"{large[at]:.3g}", "", "", "", "", "",
            )  # fmt: skip

    columns = (
        *_FACT, "model_id", "released_on", "precision", "access", "licence_id", "licence_words", "parameters",
        "weights_url", "data_information", "training_code", "base_words", "base_relation",
    )  # fmt: skip
    copy("tracker_release", columns, rows())
    return days, closed


def _scores(
    size: Size, models: list[tuple[int, str]], documents: Documents, days: Any, closed: Any, rng: np.random.Generator
) -> None:
    """Heavy-tailed on every side: some models are measured everywhere, most on a few benchmarks; abilities grow with
    the date, and each benchmark is a curve in them."""
    exams = list(Benchmark.objects.filter(unit="proportion").order_by("-in_index", "slug"))
    feeding = sum(exam.in_index for exam in exams)
    names = {exam.pk: at for at, exam in enumerate(exams)}
    winogrande = next(exam.pk for exam in exams if exam.slug == "winogrande")
    # The anchor benchmark is among the best known.
    exams.insert(0, exams.pop(names[winogrande]))
    pks = np.array([exam.pk for exam in exams])
    floor = np.array([exam.floor or 0.0 for exam in exams])
    span = np.array([exam.ceiling or 1.0 for exam in exams]) - floor
    difficulty, slope = rng.normal(0.5, 1.5, len(exams)), rng.uniform(0.6, 2.0, len(exams))
    ability = -2.0 + 0.9 * days / 365 + rng.normal(0, 0.6, len(models)) + 0.3 * closed
    ability[:2] = 2.2, 0.4
    settings = np.array(list(Setting.objects.order_by("pk").values_list("pk", flat=True)))
    by_model = zipf(len(models), shift=3, power=0.7)
    by_feeding, by_beside = zipf(feeding, shift=3, power=0.8), zipf(len(exams) - feeding, shift=3, power=0.8)
    by_setting = zipf(len(settings), shift=1, power=1.6)
    pk_of = np.array([pk for pk, _ in models])
    columns = (*_FACT, "model_id", "benchmark_id", "setting_id", "value", "stderr", "evaluator", "evaluated_on")
    times = [day.isoformat() for day in documents.days]
    sources = (
        ("epoch_panel", "third-party"),
        ("epoch_benchmarks", "third-party"),
        ("models_dev", "first-party"),
        ("evalplus", "leaderboard"),
    )
    total = size.scores + round(ENDED * size.scores)
    for first in range(0, total, BATCH):
        count = min(BATCH, total - first)
        feeds = rng.random(count) < INDEX_SHARE
        model = drawn(rng, by_model, count)
        exam = np.where(feeds, drawn(rng, by_feeding, count), feeding + drawn(rng, by_beside, count))
        setting = settings[drawn(rng, by_setting, count)]
        chance = 1 / (1 + np.exp(-slope[exam] * (ability[model] - difficulty[exam])))
        value = floor[exam] + span[exam] * np.clip(chance + rng.normal(0, 0.03, count), 0.005, 0.995)
        kind = np.where(feeds, 0, 2) + (rng.random(count) < 0.5)
        since = np.where(rng.random(count) < 0.8, 0, rng.integers(0, DAYS - 1, count))
        evaluated = np.minimum(days[model] + 20, (NOW.date() - FIRST).days)
        rows = zip(
            range(first, first + count), model.tolist(), pk_of[model].tolist(), pks[exam].tolist(), setting.tolist(),
            np.round(value, 4).tolist(), kind.tolist(), since.tolist(), evaluated.tolist(), strict=True,
        )  # fmt: skip
        copy("tracker_score", columns, (_score(row, documents, sources, times, models, size) for row in rows))


def _score(row: Any, documents: Documents, sources: Any, times: list[str], models: Any, size: Size) -> tuple[Any, ...]:
    n, model, pk, exam, setting, value, kind, since, evaluated = row
    slug, evaluator = sources[kind]
    over = n >= size.scores
    shown = documents.snapshots[slug]
    return (
        documents.endpoints[slug], f"made-{n - size.scores if over else n}", f"{n:032x}", models[model][1],
        f"https://example.org/boards/{exam}", shown[since], times[since], shown[since] if over else None,
        times[since + 1] if over else None, pk, exam, setting, value, 0.01, evaluator,
        FIRST + timedelta(days=evaluated),
    )  # fmt: skip


def _prices(size: Size, models: list[tuple[int, str]], documents: Documents, rng: np.random.Generator) -> None:
    """Hosts and prices of the better known models, each with one price before it."""
    chances = zipf(len(models), shift=3, power=0.9)
    model, price = drawn(rng, chances, size.prices), np.exp(rng.normal(0, 1.2, size.prices))
    endpoint, shown = documents.endpoints["models_dev"], documents.snapshots["models_dev"]

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(size.prices):
            pk, name = models[model[n]]
            for over in (True, False):
                known = documents.days[0 if over else DAYS // 2]
                end = documents.days[DAYS // 2].isoformat() if over else None
                cost = float(price[n]) * (1.5 if over else 1)
                yield (
                    endpoint, f"price-{n}", f"{2 * n + over:032x}", name, "", shown[0 if over else DAYS // 2],
                    known.isoformat(), shown[DAYS // 2 - 1] if over else None, end, pk, f"host-{n % 40}",
                    f"{cost:.4f}", f"{4 * cost:.4f}",
                )  # fmt: skip

    copy("tracker_price", (*_FACT, "model_id", "host", "input", "output"), rows())


def _news(size: Size, documents: Documents) -> None:
    labs = list(Lab.objects.order_by("slug").values_list("pk", flat=True))
    endpoint, shown = documents.endpoints["lab_feeds"], documents.snapshots["lab_feeds"]
    copy(
        "tracker_news", (*_FACT, "lab_id", "title", "published_on", "precision"),
        (
            (
                endpoint, f"news-{n}", f"{n:032x}", "", f"https://example.org/news/{n}", shown[n % DAYS],
                documents.days[n % DAYS].isoformat(), None, None, labs[n % len(labs)], f"A notice, number {n}",
                NOW.date() - timedelta(days=n % 900), "day",
            )
            for n in range(size.news)
        ),
    )  # fmt: skip


def _waiting(size: Size, documents: Documents) -> None:
    endpoint, shown = documents.endpoints["epoch_panel"], documents.snapshots["epoch_panel"]
    columns = (
        "kind", "key", "name", "endpoint_id", "first_snapshot_id", "last_snapshot_id", "rows", "example", "state",
        "reason",
    )  # fmt: skip
    copy(
        "tracker_unresolved", columns,
        (
            ("model", f"nobody{n}", f"Nobody {n}", endpoint, shown[0], shown[-1], 1 + n % 7, "{}", "waiting", "")
            for n in range(size.waiting)
        ),
    )  # fmt: skip
