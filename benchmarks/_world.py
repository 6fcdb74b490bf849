"""The site with real facts in a database of a benchmark's own, and as many scores as are asked for."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql

from benchmarks import _scratch
from tracker.models import IndexRun
from tracker.pipeline import recompute

BATCH = 200_000
# Made-up models and labs beside the real ones, then scores of any model on any benchmark in any setting.
LABS = """
INSERT INTO tracker_lab (slug, name, country, region, homepage)
SELECT 'made-' || n, 'Made lab ' || n, '', (ARRAY['us', 'china', 'europe', 'other'])[1 + n % 4], ''
FROM generate_series(1, 30) n ON CONFLICT DO NOTHING
"""
MODELS = """
INSERT INTO tracker_aimodel (slug, name, lab_id)
SELECT 'made-' || n, 'Made model ' || n, l.id
FROM generate_series(1, 3000) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 r, count(*) OVER () c FROM tracker_lab) l ON l.r = n % l.c
ON CONFLICT DO NOTHING
"""
STATES = """
INSERT INTO tracker_modelstate (run_id, model_id, precision, access, open_means, evidence, conflicts, scores,
    benchmarks, frontier)
SELECT %(run)s, m.id, '', CASE WHEN m.id %% 2 = 0 THEN 'api' ELSE 'weights-permissive' END,
    CASE WHEN m.id %% 2 = 0 THEN '[]' ELSE '["weights", "commercial"]' END::jsonb, '{}', '[]', 1, 1, ''
FROM tracker_aimodel m WHERE m.slug LIKE 'made-%%' ON CONFLICT DO NOTHING
"""
SCORES = """
INSERT INTO tracker_score (endpoint_id, key, digest, name, url, first_snapshot_id, known_from, model_id, benchmark_id,
    setting_id, value, evaluator, evaluated_on)
SELECT e.id, 'made-' || n, md5(n::text), 'made', 'https://example.org/' || n, e.current_id, now(), m.id, b.id, s.id,
    (hashint4(n + 3)::bigint + 2147483648) / 4294967296.0,
    (ARRAY['unstated', 'third-party', 'first-party', 'leaderboard'])[1 + n %% 4],
    date '2024-01-01' + (n %% 900)::int
FROM generate_series(%(first)s, %(last)s) n
CROSS JOIN (
    SELECT e.id, e.current_id FROM tracker_endpoint e JOIN tracker_source o ON o.id = e.source_id
    WHERE o.may_display AND EXISTS (SELECT FROM tracker_score s WHERE s.endpoint_id = e.id AND s.known_to IS NULL)
    ORDER BY e.id LIMIT 1
) e
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 r, count(*) OVER () c FROM tracker_aimodel) m
    ON m.r = (hashint4(n)::bigint + 2147483648) %% m.c
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 r, count(*) OVER () c FROM tracker_benchmark WHERE may_display) b
    ON b.r = (hashint4(n + 1)::bigint + 2147483648) %% b.c
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 r, count(*) OVER () c FROM tracker_setting) s
    ON s.r = (hashint4(n + 2)::bigint + 2147483648) %% s.c
"""
# For a while all but some scores are over: a fact is never taken away.
LEFT_OUT = """
CREATE TABLE ended_score AS SELECT id FROM tracker_score
WHERE known_to IS NULL
AND id NOT IN (SELECT id FROM tracker_score WHERE known_to IS NULL ORDER BY hashint8(id) LIMIT %s)
"""
ENDED = """
UPDATE tracker_score SET known_to = known_from, last_snapshot_id = first_snapshot_id
WHERE id IN (SELECT id FROM ended_score)
"""
HELD = """
UPDATE tracker_score SET known_to = NULL, last_snapshot_id = NULL WHERE id IN (SELECT id FROM ended_score)
"""
MOVED = "UPDATE tracker_dataversion SET value = value + 1, changed_at = now()"


@contextmanager
def world(write: Callable[[str], None]) -> Iterator[str]:
    """A copy of the configured database where it has a run with results and nobody else is connected; else the starter
    archive, read and computed afresh. Yields its URL; it is dropped at the end."""
    if not _has_results():
        write("the configured database has no run with results: the starter archive is read and computed")
        with _scratch.scratch_database() as url:
            _computed()
            yield url
        return
    home, name = connection.settings_dict["NAME"], f"benchmark_{os.getpid()}"
    told = connection.get_connection_params()
    server = {key: told[key] for key in ("host", "port", "user", "password") if told.get(key)}
    connection.close()
    connection.close_pool()
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as outside:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(home))
        try:
            outside.execute(copy)
        except psycopg.errors.ObjectInUse:
            outside.close()
            write("the configured database is in use and cannot be copied: the starter archive is read and computed")
            with _scratch.scratch_database() as url:
                _computed()
                yield url
            return
        write("on a copy of the configured database")
        try:
            _scratch._lead_to(name)  # noqa: SLF001
            call_command("migrate", verbosity=0)
            yield _scratch._url(server, name)  # noqa: SLF001
        finally:
            _scratch._lead_to(home)  # noqa: SLF001
            outside.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _has_results() -> bool:
    """Not so where nothing was ever installed, and where no run has come to its end."""
    if IndexRun._meta.db_table not in connection.introspection.table_names():
        return False
    return IndexRun.objects.filter(historic=False, draws__isnull=False).exists()


def _computed() -> None:
    call_command("load")
    for run in recompute.waiting(now=timezone.now())[:1]:
        while recompute.advance(run, clock=timezone.now, by="benchmark"):
            pass


def grow(scores: int) -> int:
    """Add made-up scores until there are so many; returns how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(LABS)
        cursor.execute(MODELS)
        cursor.execute("SELECT id FROM tracker_indexrun WHERE state <> 'due' AND NOT historic ORDER BY known_at DESC")
        if (run := cursor.fetchone()) is not None:
            cursor.execute(STATES, {"run": run[0]})
        cursor.execute("SELECT count(*) FROM tracker_score WHERE key LIKE 'made-%'")
        made = int(cursor.fetchone()[0])
        last = made + scores - current()
        for first in range(made + 1, last + 1, BATCH):
            cursor.execute(SCORES, {"first": first, "last": min(first + BATCH - 1, last)})
        cursor.execute("ANALYZE")
        cursor.execute(MOVED)
    return current()


def current() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tracker_score WHERE known_to IS NULL")
        return int(cursor.fetchone()[0])


@contextmanager
def only(scores: int) -> Iterator[None]:
    """As if no more than so many scores were known."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT, [scores])
        cursor.execute(ENDED)
        cursor.execute(MOVED)
    yield
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        cursor.execute("DROP TABLE ended_score")
        cursor.execute(MOVED)
