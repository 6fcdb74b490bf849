"""What the database chooses among millions of scores is what the domain's rule chooses, one by one."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.db.models import Case, IntegerField, QuerySet, When

from tests.pipeline.index_runs import SCORES
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import PANEL, panel
from tracker.domain.evidence import ScoreFact, believed_scores
from tracker.domain.records import Evaluator
from tracker.models import Benchmark, Endpoint, Score, Setting
from tracker.pipeline.believed_scores import INDEX_SOURCES, believed_columns, counted
from tracker.pipeline.score_facts import believed_facts
from tracker.queries import benchmarks, models

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def many() -> None:
    """Scores of the same few things by every kind of source and measurer, many of them at the same moment."""
    take_in(PANEL, panel(*SCORES), at(2))
    rows, chance = list(Score.objects.order_by("pk")[:12]), random.Random(7)  # noqa: S311  rows of a test
    Setting.objects.get_or_create(effort="high")
    settings, snapshot = list(Setting.objects.all()), rows[0].first_snapshot_id
    sources = ("epoch_benchmarks", "epoch_panel", "models_dev", "evalplus", "own_evals", "arena")
    endpoints = [found for slug in sources if (found := Endpoint.objects.filter(source__slug=slug).first())]
    assert len(endpoints) > 3
    fresh = []
    for n in range(300):
        old = chance.choice(rows)
        since = at(1) + timedelta(days=chance.randrange(3))
        over = chance.random() < 0.2
        fresh.append(
            Score(
                endpoint=chance.choice(endpoints), key=f"n{n}", digest=f"{n:032x}", name=old.name,
                first_snapshot_id=snapshot, last_snapshot_id=snapshot if over else None, known_from=since,
                known_to=since + timedelta(days=1) if over else None, model_id=old.model_id,
                benchmark_id=old.benchmark_id, setting=chance.choice(settings), value=round(chance.random(), 4),
                stderr=chance.choice((None, 0.01)), evaluator=chance.choice(list(Evaluator)).value,
            )
        )  # fmt: skip
    Score.objects.bulk_create(fresh)


def shown(known_at: datetime | None) -> QuerySet[Score]:
    return Score.objects.known(known_at).filter(endpoint__source__may_display=True)


def as_facts(rows: QuerySet[Score]) -> list[ScoreFact]:
    return [
        ScoreFact(
            row.pk, row.model.slug, row.benchmark.slug, str(row.setting_id), row.value, Evaluator(row.evaluator),
            row.endpoint.source.slug, row.known_from, row.stderr,
        )
        for row in rows.select_related("model", "benchmark", "endpoint__source")
    ]  # fmt: skip


def by_id(facts: Iterable[ScoreFact]) -> list[ScoreFact]:
    return sorted(facts, key=lambda fact: fact.id)


def test_the_database_believes_what_the_domains_rule_believes(many):
    for known_at in (None, at(2, 7), at(4)):
        told = as_facts(shown(known_at))
        wanted = {
            (feeds, *key, fact.value, fact.stderr)
            for feeds in (True, False)
            for key, fact in believed_scores(one for one in told if (one.source in INDEX_SOURCES) == feeds).items()
        }
        found = believed_columns(known_at)
        rows = {(s.feeds_index, s.model, s.benchmark, s.setting, s.value, s.stderr) for s in found}
        assert rows == wanted
        assert len(found) == len(wanted) > 60
        assert {row for row in rows if row[0]} == {
            (True, s.model, s.benchmark, s.setting, s.value, s.stderr) for s in found.feeding()
        }
        counts, breadth = counted(found)
        assert counts == {slug: sum(row[1] == slug for row in rows) for slug in found.models}
        assert breadth == {slug: len({row[2] for row in rows if row[1] == slug}) for slug in found.models}


def test_pages_show_the_best_of_what_the_domains_rule_believes(many):
    for known_at in (None, at(2, 7)):
        facts = Score.objects.known(known_at).filter(endpoint__source__may_display=True, benchmark__may_display=True)
        rows = {row.pk: row for row in facts.select_related("model", "benchmark", "endpoint__source")}
        believed = believed_scores(
            ScoreFact(
                row.pk, row.model.slug, row.benchmark.slug, str(row.setting_id), row.value, Evaluator(row.evaluator),
                row.endpoint.source.slug, row.known_from, row.stderr,
            )
            for row in rows.values()
        )  # fmt: skip
        for lower in (False, True):
            Benchmark.objects.update(lower_is_better=lower)
            best = {}
            for (model, benchmark, _), fact in sorted(believed.items(), key=lambda pair: pair[1].id):
                held = best.get((model, benchmark))
                if held is None or (fact.value < held.value if lower else fact.value > held.value):
                    best[model, benchmark] = fact
            shown = {
                (row.slug, slug): row.fact
                for slug in {benchmark for _, benchmark, _ in believed}
                for row in benchmarks.score_rows(None, {"benchmark": slug}, known_at=known_at)
            }
            assert shown == {key: fact.id for key, fact in best.items()}
            assert len(shown) > 5
        for slug in {model for model, _, _ in believed}:
            lines = models.model_scores(slug, known_at=known_at)
            mine = {fact.id for (model, _, _), fact in believed.items() if model == slug}
            assert {line.fact for line in lines if line.believed} == mine
            assert {line.fact for line in lines} == {pk for pk, row in rows.items() if row.model.slug == slug}


def test_believed_facts_are_whole_facts_and_those_of_the_domains_rule(many):
    for known_at in (None, at(2, 7), at(4)):
        told = as_facts(shown(known_at))
        assert by_id(believed_facts(shown(known_at))) == by_id(believed_scores(told).values())
        first = Case(When(evaluator=Evaluator.FIRST_PARTY.value, then=1), default=0, output_field=IntegerField())
        apart = believed_facts(shown(known_at).annotate(first=first), "first")
        sides = [[one for one in told if (one.evaluator is Evaluator.FIRST_PARTY) is own] for own in (True, False)]
        assert by_id(apart) == by_id(fact for side in sides for fact in believed_scores(side).values())
        assert len(apart) > len(believed_scores(told))


def test_the_best_under_any_setting_is_the_first_of_the_equal_ones(many):
    Score.objects.filter(pk__in=list(Score.objects.order_by("pk").values_list("pk", flat=True)[::2])).update(value=0.5)
    facts = believed_facts(shown(None))
    signs = [-1.0 if at % 2 else 1.0 for at in range(len(facts.benchmarks))]
    sign = dict(zip(facts.benchmarks, signs, strict=True))
    wanted: dict[tuple[str, str], ScoreFact] = {}
    for fact in facts:
        best = wanted.setdefault((fact.model, fact.benchmark), fact)
        if (sign[fact.benchmark] * fact.value, -fact.id) > (sign[best.benchmark] * best.value, -best.id):
            wanted[fact.model, fact.benchmark] = fact
    assert by_id(facts.best(signs)) == by_id(wanted.values())
    assert len(facts) > len(wanted) > 5


def test_without_any_score_there_are_none():
    found = believed_columns(None)
    assert list(found) == []
    assert counted(found) == ({}, {})
    facts = believed_facts(Score.objects.known(None))
    assert list(facts) == list(facts.best([])) == []
