"""Milliseconds of a search over 50,000 names, as people type them, beside plain ILIKE over the same names."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Final

from django.db import connection
from django.utils import timezone

from benchmarks import _scratch
from tracker.domain.names import normalise
from tracker.models import AIModel, Alias
from tracker.models.entities import Kind
from tracker.pipeline.catalog import load_catalog
from tracker.queries import search

NAMES: Final = 50_000
WORDS: Final = 60
ROUNDS: Final = 2
PROMISE_MS: Final = 30.0
# What hubs append to a model's name: neighbours as alike as names can be.
SIZES: Final = ("", "1B", "3B", "7B", "8B", "14B", "27B", "32B", "70B", "120B")
SUFFIXES: Final = ("Instruct", "Chat", "Base", "Thinking", "Preview", "FP8", "AWQ", "GGUF", "Turbo", "2507")
PEER: Final = """
SELECT kind, key, name, model_id, lab_id, benchmark_id, licence_id, person_id FROM tracker_alias
WHERE name ILIKE %s OR key ILIKE %s ORDER BY length(name), id LIMIT %s
"""
Ask = Callable[[str], bool]
Write = Callable[[str], None]


def run(write: Write) -> None:
    """In a database of its own. Ours and the peer take turns A B B A; each finds a name where it stands among the first
    eight of its kind, as the page shows them."""
    with _scratch.scratch_database():
        load_catalog(now=timezone.now())
        write(f"{_grown():,} names, of which the catalogue's {Alias.objects.filter(added_by='').count():,}")
        typed = list(_typed())
        ways = sorted({way for way, _, _ in typed})
        worked: list[float] = []
        taken: dict[str, dict[str, list[float]]] = {arm: {way: [] for way in ways} for arm in ("ours", "ILIKE")}
        found: dict[str, dict[str, list[bool]]] = {arm: {way: [] for way in ways} for arm in ("ours", "ILIKE")}
        for turn in range(ROUNDS + 1):
            for way, words, name in typed:
                arms = {"ours": _ours(name), "ILIKE": _plain(name)}
                for arm in arms if turn % 2 == 0 else reversed(arms):
                    began, work = time.perf_counter(), time.thread_time()
                    hit = arms[arm](words)
                    if turn:  # the first is for warming up
                        taken[arm][way].append(1000 * (time.perf_counter() - began))
                        worked += [1000 * (time.thread_time() - work)] if arm == "ours" else []
                        found[arm][way].append(hit)
        _told(taken, found, write)
        write(f"of ours the processor worked here, which neighbours on the machine do not lengthen: {_times(worked)}")


def _told(taken: dict[str, dict[str, list[float]]], found: dict[str, dict[str, list[bool]]], write: Write) -> None:
    for way in taken["ours"]:
        told = "; ".join(
            f"{arm} {_times(times[way])}, finds {100 * statistics.mean(found[arm][way]):.0f} %"
            for arm, times in taken.items()
        )
        write(f"  {way}: {told}")
    for arm, times in taken.items():
        everything = [one for some in times.values() for one in some]
        promised = f" (promised: 95th percentile at most {PROMISE_MS:.0f} ms)" if arm == "ours" else ""
        write(f"{arm}, all {len(everything):,} searches: {_times(everything)}{promised}")


def _times(found: list[float]) -> str:
    return f"median {statistics.median(found):.1f} ms, 95th percentile {statistics.quantiles(found, n=20)[-1]:.1f} ms"


def _grown() -> int:
    """As many names as promised: every model of the catalogue in sizes and editions, each by the names hubs give it."""
    known = set(Alias.objects.filter(kind=Kind.MODEL).values_list("key", flat=True))
    called = set(AIModel.objects.values_list("name", flat=True))
    names: list[tuple[AIModel, str, str]] = []
    models: list[AIModel] = []
    left = NAMES - Alias.objects.count()
    bases = list(AIModel.objects.order_by("pk").values_list("name", "lab_id", "lab__slug"))
    for size, suffix in product(SIZES, SUFFIXES):
        for base, lab, slug in bases:
            name = " ".join(part for part in (base, size, suffix) if part)
            model = AIModel(slug=f"named-{len(models)}", name=name, lab_id=lab)
            own = {normalise(one): one for one in (name, f"{slug}/{name.replace(' ', '-')}")}
            if name in called or own.keys() & known or len(own) > left:
                continue
            called.add(name)
            known |= own.keys()
            models.append(model)
            names += [(model, key, one) for key, one in own.items()]
            left -= len(own)
        if left < 2:
            break
    AIModel.objects.bulk_create(models, batch_size=5000)
    Alias.objects.bulk_create(
        (Alias(kind=Kind.MODEL, key=key, name=one, model=model, added_by="made") for model, key, one in names),
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tracker_alias")
        cursor.execute("VACUUM ANALYZE tracker_aimodel")
    return Alias.objects.count()


def _typed() -> Iterator[tuple[str, str, str]]:
    """How it is typed, the words, and the name that is meant: seeded picks of all names."""
    picks = random.Random(2026)
    names = list(Alias.objects.order_by("pk").values_list("name", flat=True))
    for name in picks.sample(names, WORDS):
        yield "as it is called", name, name
        at = picks.randrange(max(1, len(name) - 1))
        yield "with two letters swapped", f"{name[:at]}{name[at : at + 2][::-1]}{name[at + 2 :]}", name
        yield "with a letter missing", f"{name[:at]}{name[at + 1 :]}", name
        parts = name.replace("/", " ").split()
        yield "its words the other way round", " ".join(reversed(parts)), name
        yield "its first four letters", name[:4], name


def _ours(name: str) -> Ask:
    def ask(words: str) -> bool:
        hits = search.search(words, None)
        return any(name in (hit.matched, hit.name) for _, _, shown in search.grouped(hits) for hit in shown)

    return ask


def _plain(name: str) -> Ask:
    def ask(words: str) -> bool:
        like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        with connection.cursor() as cursor:
            cursor.execute(PEER, [like, like, search.LOOKED_AT])
            return name in [row[2] for row in cursor.fetchall()[: search.SHOWN]]

    return ask
