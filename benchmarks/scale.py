"""Pages, recompute, reading, mail, size and memory at 1, 10 and 100 % of the target data, and how each grows."""

import http.client
import json
import logging
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from psycopg import sql

from benchmarks import _scale_data, _scale_growth, _scale_rows, _scores, _scratch, _server
from benchmarks.digest import _issue
from benchmarks.pages import _ask, _cold, _queries, _scratch_state
from tracker.digest import outbox, readers
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.models import AIModel, Benchmark, DataVersion, Endpoint, IndexRun, Letter, Snapshot, Source
from tracker.pipeline import alarms, collect, ingest, licence_changes, proposals, recompute, rereading, troubles
from tracker.queries import freshness

SEED: Final = 2026
COLD_ROUNDS, WARM_ROUNDS = 5, 60
ROWS: Final = 20_000  # of the document that is read at every size
WORKERS: Final = 2  # of the web server
ROOT: Final = Path(__file__).resolve().parents[1]
HIGHEST: Final = 0.9  # of the scores that a document of made-up rows holds
PARTS: Final = ("build", "headline", "recompute", "again", "pages", "web", "beat", "ingest", "mail")
PAGES: Final = {
    "home": "/", "gap": "/gap/", "models": "/models/", "a model with most scores": "/models/gpt-5/",
    "a model": "/models/claude-3-5-sonnet-jun-2024/", "benchmarks": "/benchmarks/",
    "a benchmark": "/benchmarks/gpqa-diamond/", "health of benchmarks": "/benchmarks/health/", "scores": "/scores/",
    "scores, faceted": "/scores/?category=coding&weights=open", "openness": "/openness/", "licences": "/licences/",
    "a licence": "/licences/mit/", "labs": "/labs/", "a lab": "/labs/openai/", "regions": "/regions/",
    "prices": "/prices/", "choose": "/choose/?budget=50&in=10&out=2", "compare": "/compare/?m=gpt-5&m=made-1",
    "timeline": "/timeline/", "claims": "/claims/", "search": "/search/?q=made+model+17", "pipeline": "/pipeline/",
    "methods": "/methods/", "data": "/data/", "evaluations": "/evaluations/next/",
    "chart as JSON": "/charts/frontier.json", "models as CSV": "/models.csv",
    "API, scores": "/api/v1/scores?model=gpt-5", "feed": "/feeds/models.atom",
}  # fmt: skip

Write = Callable[[str], None]
Figures = dict[str, float]


def run(
    write: Write, *, percent: str = "1,10,100", seed: int = SEED, parts: str = ",".join(PARTS), keep: bool = False
) -> dict[str, Any]:
    """Share by share in databases of its own. What is measured is kept in the state folder at once: a run that was
    broken off, or asked for other parts or shares, goes on from there. `keep` leaves the databases for the next."""
    shares = [text.strip() for text in percent.split(",")]
    wanted = [part.strip() for part in parts.split(",")]
    if unknown := set(wanted) - set(PARTS):
        raise CommandError(f"there is no part {min(unknown)}; there are {', '.join(PARTS)}")
    file = Path(settings.STATE_DIR) / "benchmarks" / f"scale-{seed}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for share in shares:
        with _database(f"benchmark_scale_{seed}_{share.replace('.', '_')}", keep=keep) as (url, made):
            found = known.setdefault(share, {})
            for part in wanted:
                if part == "build" and not made:
                    continue
                began = time.perf_counter()
                found[part] = MEASURED[part](float(share), seed, url)
                # Another run, of another share, may have written meanwhile.
                written = json.loads(file.read_text("utf-8")) if file.exists() else {}
                written.setdefault(share, {})[part] = found[part]
                file.write_text(json.dumps(written, indent=1), "utf-8")
                write(f"{share} %, {part}: {time.perf_counter() - began:.0f} s")
    scores = {share: _scale_rows.Size.at(float(share)).scores for share in known}
    for line in _scale_growth.table(known, scores):
        write(line)
    return known


@contextmanager
def _database(name: str, *, keep: bool) -> Iterator[tuple[str, bool]]:
    """The database of one share, and whether it is to be filled: one that an earlier run filled and kept is used."""
    home = connection.settings_dict["NAME"]
    told = connection.get_connection_params()
    server = {key: told[key] for key in ("host", "port", "user", "password") if told.get(key)}
    called, drop = sql.Identifier(name), sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    with psycopg.connect(**server, dbname=home, autocommit=True) as outside:
        filled = "SELECT 1 FROM pg_database WHERE datname = %s AND shobj_description(oid, 'pg_database') = 'filled'"
        made = outside.execute(filled, [name]).fetchone() is None
        if made:
            outside.execute(drop.format(called))
            outside.execute(sql.SQL("CREATE DATABASE {}").format(called))
        try:
            _scratch._lead_to(name)  # noqa: SLF001
            call_command("migrate", verbosity=0)
            yield _scratch._url(server, name), made  # noqa: SLF001
        finally:
            _scratch._lead_to(home)  # noqa: SLF001
            if not keep:
                outside.execute(drop.format(called))


def _build(share: float, seed: int, url: str) -> Figures:
    began = time.perf_counter()
    size = _scale_data.build(share, seed)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("COMMENT ON DATABASE {} IS 'filled'").format(sql.Identifier(connection.settings_dict["NAME"]))
        )
    seconds = time.perf_counter() - began
    return {
        "seconds to write it, s": seconds, "models": size.models, "scores": size.scores, "snapshots": size.snapshots,
        "readers": size.readers, **_sizes(),
    }  # fmt: skip


def _sizes() -> Figures:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1e6")
        found = {"database, MB": float(cursor.fetchone()[0])}
        cursor.execute(
            "SELECT relname, pg_total_relation_size(relid) / 1e6 FROM pg_stat_user_tables ORDER BY 2 DESC, 1 LIMIT 6"
        )
        return found | {f"{name.removeprefix('tracker_')}, MB": float(size) for name, size in cursor.fetchall()}


def _apart(url: str, module: str, *told: str) -> dict[str, Any]:
    environment = {**os.environ, "DATABASE_URL": url, "DATABASE_POOL": "0", "LOG_LEVEL": "ERROR"}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", f"benchmarks.{module}", *told]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _recompute(share: float, seed: int, url: str) -> Figures:
    """A run from nothing: every draw, every question."""
    found = _apart(url, "_scale_share")
    return _run_figures(found)


def _headline(share: float, seed: int, url: str) -> Figures:
    """Only as far as pages have something to show; `recompute` goes on from there."""
    return _run_figures(_apart(url, "_scale_share", "headline"))


def _again(share: float, seed: int, url: str) -> Figures:
    """The run after new prices: no score has changed."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_price SET input = input * 1.01 WHERE known_to IS NULL AND id % 10 = 0")
    DataVersion.objects.update(value=DataVersion.objects.get().value + 1, changed_at=now)
    return _run_figures(_apart(url, "_scale_share"))


def _run_figures(found: dict[str, Any]) -> Figures:
    if found["error"] or not found["observations"]:
        raise RuntimeError(f"the run failed: {found['error']}")
    parts = {f"{name}, s": seconds for name, seconds in found["parts"].items() if seconds >= 0.05}
    return {
        "whole run, s": found["worked"], "headline, s": found["headline"], "longest task, s": found["longest_turn"],
        "turns": found["turns"], "observations": found["observations"], **parts,
        "memory at rest, MB": found["resting_mb"], "memory at most, MB": found["peak_mb"],
    }  # fmt: skip


def _pages(share: float, seed: int, url: str) -> Figures:
    """In this process, without a network; processor time, so that neighbours count for little."""
    if not IndexRun.objects.exclude(state=IndexRun.State.DUE).filter(historic=False).exists():
        raise CommandError(
            "pages would be asked for before they have a run to show: run `headline` or `recompute` first"
        )
    cold: list[float] = []
    kept: list[float] = []
    found: Figures = {}
    with _scratch_state():
        pages = {name: page for name, page in PAGES.items() if _ask(page).status == 200}
        for name, page in pages.items():
            queries = _queries(page)
            alone = [1000 * _cold(page)[1] for _ in range(COLD_ROUNDS)]
            again = [1000 * _ask(page).worked for _ in range(WARM_ROUNDS)]
            cold += alone
            kept += again
            found[f"{name}, cold, ms"] = statistics.median(alone)
            found[f"{name}, queries"] = queries
    return {
        "pages": len(pages),
        "all cold, p50, ms": statistics.median(cold), "all cold, p99, ms": _p99(cold),
        "all warm, p50, ms": statistics.median(kept), "all warm, p99, ms": _p99(kept), **found,
    }  # fmt: skip


def _p99(found: list[float]) -> float:
    return sorted(found)[min(len(found) - 1, int(0.99 * len(found)))]


def _web(share: float, seed: int, url: str) -> Figures:
    """The server as it is run: each worker's memory after every page has been made, and then asked again."""
    with _scratch_state() as state, _server.served(url, state) as port:
        waits: list[float] = []
        for turn in range(3):
            for page in PAGES.values():
                began = time.perf_counter()
                # A server that was asked for what is not there says so: it is no failure of its own.
                _get(port, page)
                if turn:
                    waits.append(1000 * (time.perf_counter() - began))
        sizes = sorted(_resident(pid) for pid in _children())
    return {
        "all processes, MB": sum(sizes), "largest process, MB": sizes[-1],
        "kept page over the network, p50, ms": statistics.median(waits),
        "kept page over the network, p99, ms": _p99(waits),
    }  # fmt: skip


def _get(port: int, page: str) -> int:
    asking = http.client.HTTPConnection(_server.HOST, port, timeout=300)
    try:
        asking.request("GET", page, headers={"Accept-Encoding": "gzip"})
        answer = asking.getresponse()
        answer.read()
        return answer.status
    finally:
        asking.close()


def _children() -> list[int]:
    """Every process below this one."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parents[int(status.parent.name)] = int(fields[1])
    below, found = {os.getpid()}, []
    while more := [pid for pid, parent in parents.items() if parent in below and pid not in below]:
        below |= set(more)
        found += more
    # The database server that this command started is not the web's.
    return [pid for pid in found if "granian" in Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")]


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    return int(dict(line.split(":", 1) for line in lines if ":" in line)["VmRSS"].split()[0]) / 1024


def _beat(share: float, seed: int, url: str) -> Figures:
    """What beat asks every few minutes: whether there is anything to do."""
    now = timezone.now()
    asked: dict[str, Callable[[], object]] = {
        "the tag of the state": freshness.state_tag,
        "addresses to ask": lambda: collect.due(now=now),
        "documents to read": lambda: ingest.waiting(now=now),
        "documents to read again": lambda: rereading.waiting(now=now),
        "documents that a new name explains": ingest.explained,
        "runs to plan": lambda: recompute.plan(now=now),
        "runs to work on": lambda: recompute.waiting(now=now),
        "alarms": lambda: alarms.look(now=now),
        "names that wait": lambda: list(troubles.of_names()),
        "changed licence texts": lambda: licence_changes.find(now=now),
        "proposed releases": lambda: proposals.find(now=now),
        "letters to send": lambda: outbox.sendable(now=now),
        "readers to forget": lambda: readers.forget(now=now),
    }
    found: Figures = {}
    logging.getLogger("tracker.pipeline.alarms").setLevel(logging.ERROR)
    for name, ask in asked.items():
        ask()
        began = time.perf_counter()
        for _ in range(3):
            ask()
        found[f"{name}, ms"] = 1000 * (time.perf_counter() - began) / 3
    return found


def _ingest(share: float, seed: int, url: str) -> Figures:
    """A document of so many rows whatever the size of the data around it, then the same again in other bytes."""
    source = Source.objects.get(slug=_scores.SOURCE)
    endpoint = Endpoint.objects.create(source=source, url=f"https://example.org/scale-{timezone.now():%H%M%S}.jsonl")
    document = _scores.document(endpoint, list(_rows(seed)))
    found: Figures = {}
    for turn, title in enumerate(("first load", "unchanged")):
        at = timezone.now() + timedelta(minutes=turn)
        snapshot, _ = collect.keep(endpoint, document + b"\n" * turn, fetched_at=at, media_type="application/x-ndjson")
        Snapshot.objects.filter(pk=snapshot.pk).update(media_type=_scores.record_file.MEDIA_TYPE)
        read = _apart(url, "_read_one", str(snapshot.pk))
        found |= {
            f"{title}, rows a second": ROWS / read["seconds"], f"{title}, s": read["seconds"],
            f"{title}, memory at most, MB": read["peak_mb"],
        }  # fmt: skip
    _unread(endpoint)
    return found


def _unread(endpoint: Endpoint) -> None:
    """As if the document had never come: the other parts measure the made-up data alone, in whatever order."""
    with connection.cursor() as cursor:
        for table in ("tracker_score", "tracker_unresolved"):
            cursor.execute(f"DELETE FROM {table} WHERE endpoint_id = %s", [endpoint.pk])  # noqa: S608
        cursor.execute("UPDATE tracker_endpoint SET current_id = NULL WHERE id = %s", [endpoint.pk])
    Snapshot.objects.filter(endpoint=endpoint).delete()
    endpoint.delete()


def _rows(seed: int) -> Iterator[ScoreRecord]:
    chance = random.Random(seed)
    models = list(
        AIModel.objects.filter(aliases__isnull=False).distinct().order_by("pk").values_list("name", flat=True)
    )
    # Whose bounds the made-up values keep: a document that leaves them is not believed.
    wide = Benchmark.objects.filter(in_index=True, unit="proportion").exclude(ceiling__lt=HIGHEST)
    exams = list(wide.order_by("pk").values_list("name", flat=True))
    for n in range(ROWS):
        yield ScoreRecord(
            key=f"scale-{n}", model=chance.choice(models), benchmark=chance.choice(exams),
            value=round(chance.uniform(0.3, HIGHEST), 4), stderr=0.01, evaluator=Evaluator.THIRD_PARTY,
            evaluated=When(_scores.START.date()), url="https://example.org/boards/scale",
        )  # fmt: skip


def _mail(share: float, seed: int, url: str) -> Figures:
    """A letter's row for every reader, then a worker's claim of the first of them."""
    with override_settings(DEBUG=False):
        made = _issue(random.Random().randrange(10, 90))
        began = time.perf_counter()
        count = outbox.address(made, now=made.until) or 0
        addressed = time.perf_counter() - began
        taken = []
        for _ in range(20):
            began = time.perf_counter()
            outbox.claim(now=timezone.now(), by="benchmark", issues=[made.pk])
            taken.append(1000 * (time.perf_counter() - began))
        Letter.objects.filter(issue=made).delete()
        made.delete()
    return {"readers": count, "a letter's row for each, s": addressed, "a claim, ms": statistics.median(taken)}


MEASURED: Final[dict[str, Callable[[float, int, str], Figures]]] = {
    "build": _build, "headline": _headline, "recompute": _recompute, "again": _again, "pages": _pages, "web": _web,
    "beat": _beat, "ingest": _ingest, "mail": _mail,
}  # fmt: skip
