"""From facts to stored results: which runs are due, that each stands on one time, and that it gets to its end."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.pipeline.catalogue import change
from tests.pipeline.index_runs import OPENS, SCORES, clock_at, drawn, finish, results
from tests.pipeline.steps import at, endpoint, in_threads, stopped_at, take_in
from tests.pipeline.vintages import LINES, PANEL, PRICES, panel, prices
from tracker.domain import shown
from tracker.domain.index import METHOD
from tracker.models import BenchmarkState, DrawSlice, GapResult, IndexRun, ModelState, Score, Snapshot
from tracker.pipeline import claims, leases, recompute
from tracker.pipeline.catalog import load_catalog
from tracker.pipeline.gap_parts import parts
from tracker.queries import benchmarks, gap, models, runs

pytestmark = pytest.mark.usefixtures("installed")


def test_planning_twice_makes_one_run(facts):
    recompute.plan(now=at(3))
    recompute.plan(now=at(3, 7))
    run = IndexRun.objects.get(historic=False)
    assert (run.known_at, run.as_of, run.method, run.state) == (at(3), date(2026, 9, 2), METHOD, "due")


def test_nothing_is_planned_before_any_benchmark_was_read():
    take_in(PRICES, prices(), at(1))
    recompute.plan(now=at(3))
    assert not IndexRun.objects.exists()


def test_a_changed_fact_makes_a_new_run_in_the_place_of_one_that_was_not_begun(facts):
    recompute.plan(now=at(3))
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(4))
    recompute.plan(now=at(4))
    run = IndexRun.objects.get(historic=False)
    assert (run.known_at, run.data_version) == (at(4), runs.site().data_version)


def test_a_run_that_a_worker_has_is_left_to_it(facts):
    recompute.plan(now=at(3))
    held = leases.claim(IndexRun.objects.filter(historic=False), now=at(3), lease=recompute.LEASE, by="worker")
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(3, 6, 1))
    recompute.plan(now=at(3, 6, 2))
    assert IndexRun.objects.get(historic=False).pk == held.pk, "what came meanwhile is in the next one"
    recompute.plan(now=at(4))
    take_in(PRICES, prices(replace(OPENS[0], price=8.0), *OPENS[1:]), at(4))
    recompute.plan(now=at(4))
    assert not IndexRun.objects.filter(pk=held.pk).exists(), "its worker died: the lease ran out"


def test_a_run_that_never_ends_holds_up_the_next_for_a_while_only(facts):
    recompute.plan(now=at(3))
    recompute.headline(IndexRun.objects.get(historic=False).pk, clock=clock_at(at(3)), by="worker")
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(3, 6, 1))
    recompute.plan(now=at(3, 6, 2))
    assert IndexRun.objects.filter(historic=False).count() == 1
    recompute.plan(now=at(3, 6, 1) + recompute.UNDER_WAY)
    assert IndexRun.objects.filter(historic=False).count() == 2


def test_every_run_stays_a_while_and_the_last_of_a_day_for_ever(facts):
    def run(moment, price):
        take_in(PRICES, prices(replace(OPENS[0], price=price), *OPENS[1:]), moment)
        recompute.plan(now=moment)
        finish(IndexRun.objects.get(historic=False, state="due"), moment)

    def kept():
        return list(IndexRun.objects.filter(historic=False).order_by("known_at").values_list("known_at", flat=True))

    for hour, price in ((6, 9.0), (12, 8.0), (18, 7.0)):
        run(at(3, hour), price)
    assert kept() == [at(3, 6), at(3, 12), at(3, 18)]
    assert [one.known_at for one in IndexRun.objects.replaced().order_by("known_at")] == [at(3, 6), at(3, 12)]
    assert [one.known_at for one in claims.finished() if not one.historic] == [at(3, 18)]
    run(at(3, 12) + recompute.KEPT_FOR, 6.0)
    assert kept() == [at(3, 18), at(3, 12) + recompute.KEPT_FOR]


def test_new_prices_leave_the_draws_as_they_were_and_new_scores_do_not(facts):
    def computed(hour: int) -> tuple[str, int]:
        recompute.plan(now=at(3, hour))
        run = finish(IndexRun.objects.get(historic=False, state="due"), at(3, hour))
        return run.draw_arrays.drawn_from, DrawSlice.objects.count()

    first, slices = computed(6)
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(3, 7))
    assert computed(7) == (first, slices), "the slices are shared"
    take_in(PANEL, panel(*SCORES[:-1], replace(SCORES[-1], score=0.3)), at(3, 8))
    assert computed(8)[0] != first


def test_a_day_on_which_nothing_changed_but_was_confirmed_makes_a_new_run(facts):
    recompute.plan(now=at(3))
    endpoint(PANEL).__class__.objects.filter(url=PANEL).update(confirmed_at=at(4))
    recompute.plan(now=at(4))
    assert set(IndexRun.objects.filter(historic=False).values_list("as_of", flat=True)) == {date(2026, 9, 4)}


def test_every_past_day_on_which_facts_were_learned_gets_a_run_once():
    take_in(PRICES, prices(*OPENS), at(1))  # no benchmark yet, so no index
    take_in(PANEL, panel(*SCORES[:-1]), at(2, 6))
    take_in(PANEL, panel(*SCORES), at(2, 18))
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(5))
    for hour in (6, 7):
        recompute.plan(now=at(9, hour))
        past = IndexRun.objects.filter(historic=True).order_by("known_at")
        assert [(run.known_at, run.as_of) for run in past] == [
            (at(2, 18), date(2026, 9, 2)),
            (at(5), date(2026, 9, 2)),
        ]


def test_a_day_that_had_a_run_after_its_last_facts_needs_no_other(facts):
    recompute.plan(now=at(9))
    recompute.headline(IndexRun.objects.get(historic=False).pk, clock=clock_at(at(9)), by="worker")
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(9, 23))
    take_in(PRICES, prices(replace(OPENS[0], price=8.0), *OPENS[1:]), at(10))
    recompute.plan(now=at(10, 7))  # begun by nobody, for the workers were down
    take_in(PRICES, prices(replace(OPENS[0], price=7.0), *OPENS[1:]), at(12))
    recompute.plan(now=at(12, 7))
    planned = IndexRun.objects.order_by("known_at").values_list("known_at", "historic")
    assert list(planned) == [(at(2), True), (at(9), False), (at(9, 23), True), (at(10), True), (at(12, 7), False)]


def test_today_is_no_day_of_the_past():
    """Files of the catalogue are read at the first start, moments before the first run."""
    take_in(PANEL, panel(*SCORES), at(9, 6, 0))
    recompute.plan(now=at(9, 6, 1))
    assert IndexRun.objects.get().historic is False


def test_todays_run_comes_before_the_pasts_and_these_newest_first(facts):
    take_in(PRICES, prices(replace(OPENS[0], price=9.0), *OPENS[1:]), at(5))
    recompute.plan(now=at(9))
    order = [IndexRun.objects.get(pk=pk).known_at for pk in recompute.waiting(now=at(9))]
    assert order == [at(9), at(5), at(2)]


@pytest.mark.django_db(transaction=True)
def test_planners_at_the_same_time_make_one_run(facts):
    in_threads(4, lambda number: recompute.plan(now=at(9, 6, number)))
    assert IndexRun.objects.filter(historic=False).count() == 1
    assert IndexRun.objects.filter(historic=True).count() == 1


def test_a_run_answers_the_headline_first_and_every_question_in_the_end(facts):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    assert recompute.headline(run.pk, clock=clock_at(at(3)), by="worker") is True
    run.refresh_from_db()
    assert (run.state, run.lease_by, GapResult.objects.count()) == ("ready", "", 1)
    assert (run.observations, run.draws) == (30, 500)
    run = finish(run, at(3))
    assert (run.state, GapResult.objects.count()) == ("done", len(recompute.questions()) + len(parts()))
    report = gap.report(runs.run_for(None), gap.Question())
    assert report["models"] == {"open": 2, "closed": 4}
    assert report["lags"]["L1"] is not None
    frontier = {state.model.slug: state.frontier for state in ModelState.objects.filter(run=run).exclude(frontier="")}
    assert frontier == {
        "claude-example-3": "closed",
        "gpt-example": "closed",
        "claude-example-4": "closed",
        "deepseek-example-lite": "open",
        "deepseek-example": "open",
    }


def test_what_pages_show_of_many_models_is_stored_beside_the_answer_with_all(facts, monkeypatch):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    # Of six models four lead, and the newest is a row of the table: the sixth is what would not be drawn.
    monkeypatch.setattr(shown, "NEAREST", -1)
    monkeypatch.setattr(shown, "ROWS", 1)
    recompute.headline(run.pk, clock=clock_at(at(3)), by="worker")
    stored = GapResult.objects.get(run=run)
    assert len(stored.report["points"]) == ModelState.objects.filter(run=run, value__isnull=False).count() == 6
    assert [row["model"] for row in stored.report["points"] if row not in stored.shown["points"]] == [
        "GPT Example Mini"
    ]
    assert {**stored.shown, "points": None} == {**stored.report, "points": None}
    now = runs.run_for(None)
    assert gap.report(now, gap.Question()) == stored.shown
    assert gap.spreads(now) == {"weights": stored.shown}
    assert gap.report(now, gap.Question(), whole=True) == stored.report
    assert len(gap.frontier_rows(now, {})) == 6


def test_later_facts_do_not_change_a_stored_run_not_even_an_unfinished_one(facts):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    recompute.headline(run.pk, clock=clock_at(at(3)), by="worker")
    first = results(run)
    better = tuple(replace(line, score=0.99) if line.model == "deepseek-example" else line for line in SCORES)
    take_in(PANEL, panel(*better), at(4))
    take_in(PRICES, prices(*(replace(offer, open_weights=False) for offer in OPENS)), at(4))
    run = finish(run, at(4))
    assert (run.state, run.last_error) == ("done", "")
    after = results(run)
    assert after["models"] == first["models"]
    assert after["benchmarks"] == first["benchmarks"]
    assert first["answers"][0] in after["answers"]
    assert len(after["answers"]) == len(recompute.questions()) + len(parts())
    regions = {row[2]: row[4] for row in after["answers"] if row[2]}
    assert regions["china"]["frontier"] == first["answers"][0][4]["frontier"], "all the open models are from there"


def test_draws_are_never_taken_for_those_of_other_scores(facts, root):
    """The catalogue changes between two steps of a run: a benchmark no longer counts."""
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    recompute.headline(run.pk, clock=clock_at(at(3)), by="worker")
    shown = results(run)
    change(root, "benchmarks/chess-puzzles.toml", "in_index = true", "in_index = false")
    load_catalog(now=at(3, 7), root=root)
    run = finish(run, at(3, 8))
    assert (run.state, run.last_error) == ("done", "what this run stands on has changed since its draws were made")
    assert results(run) == shown


def test_a_past_day_is_computed_from_what_was_known_then(facts):
    better = tuple(replace(line, score=0.99) if line.model == "deepseek-example" else line for line in SCORES)
    take_in(PANEL, panel(*better), at(6))
    recompute.plan(now=at(9))
    past, present = IndexRun.objects.get(known_at=at(2)), IndexRun.objects.get(historic=False)
    for run in (past, present):
        recompute.headline(run.pk, clock=clock_at(at(9)), by="worker")
    value = {run.pk: ModelState.objects.get(run=run, model__slug="deepseek-example").value for run in (past, present)}
    assert value[past.pk] < value[present.pk]
    assert BenchmarkState.objects.get(run=past, benchmark__slug="chess-puzzles").best_open < 0.9


def test_a_day_asked_for_gets_the_newest_run_of_that_time(facts):
    take_in(PANEL, panel(*SCORES[:-1]), at(6, 22))
    recompute.plan(now=at(9))
    for run in IndexRun.objects.all():
        recompute.headline(run.pk, clock=clock_at(at(9)), by="worker")
    chosen = {day: runs.run_for(date(2026, 9, day)) for day in (1, 2, 5, 6, 8, 9)}
    known = {day: run and run.known_at for day, run in chosen.items()}
    assert known == {1: None, 2: at(2), 5: at(2), 6: at(6, 22), 8: at(6, 22), 9: at(9)}
    assert chosen[2].facts_at == at(2)
    assert (runs.run_for(None).known_at, runs.run_for(None).facts_at) == (at(9), None)


def test_with_too_few_scores_a_run_ends_with_the_reason_and_pages_have_nothing_to_show():
    take_in(PANEL, panel(*LINES), at(2))
    recompute.plan(now=at(3))
    run = finish(IndexRun.objects.get(historic=False), at(3))
    assert (run.state, run.last_error) == ("done", "no model has enough scores on the index's benchmarks yet")
    shown = runs.run_for(None)
    assert shown is None, "a run without results is nothing to stand on"
    assert gap.report(shown, gap.Question()) is None
    assert gap.frontier_rows(shown, {}) == gap.lag_rows(shown, {}) == gap.survival_rows(shown, {}) == []
    assert {row.models for row in benchmarks.benchmark_rows(None)} == {0}
    assert run.pk not in recompute.waiting(now=at(4))


def test_without_any_open_model_the_headline_says_so_and_the_models_are_shown():
    take_in(PRICES, prices(*(replace(offer, open_weights=False) for offer in OPENS)), at(1))
    take_in(PANEL, panel(*SCORES), at(2))
    recompute.plan(now=at(3))
    run = finish(IndexRun.objects.get(historic=False), at(3))
    assert run.state == "done"
    info = runs.run_for(None)
    assert gap.report(info, gap.Question())["reason"].startswith("No open model")
    assert gap.frontier_rows(info, {}) == gap.lag_rows(info, {}) == gap.survival_rows(info, {}) == []
    assert len(models.model_page(info.id, models.ModelFilter()).rows) == 6


def test_a_worker_that_lost_a_run_does_not_store_its_results(facts):
    recompute.plan(now=at(3))
    run = leases.claim(IndexRun.objects.filter(historic=False), now=at(3), lease=recompute.LEASE, by="late")
    fit = recompute._fit(run, started=0.0, whole=True, clock=clock_at(at(3)), by="late")
    leases.claim(IndexRun.objects.filter(pk=run.pk), now=at(3, 6, 5), lease=recompute.LEASE, by="quick")
    assert recompute._store_standing(run, fit, recompute._report(fit, recompute.Asked()), started=0.0,
                                     clock=clock_at(at(3)), by="late") is False  # fmt: skip
    assert not GapResult.objects.exists()
    assert not ModelState.objects.exists()
    assert IndexRun.objects.get(pk=run.pk).lease_by == "quick"


ADVANCE = """
from tracker.pipeline import recompute
recompute.advance({pk}, clock=lambda: datetime(2026, 9, 3, 6, tzinfo=UTC), by="doomed")
"""


@pytest.mark.django_db(transaction=True)
def test_a_run_whose_worker_is_killed_goes_on_after_its_lease_with_the_draws_it_had(facts):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    with stopped_at("tracker_benchmarkstate", ADVANCE.format(pk=run.pk)) as process:
        process.kill()
        process.wait()
    assert not GapResult.objects.exists()
    assert not ModelState.objects.exists()
    made = drawn(run)
    assert made
    assert recompute.advance(run.pk, clock=clock_at(at(3, 6, 4)), by="too early") is False
    killed = finish(run, at(3, 6, 10), by="heir")
    assert killed.state == "done"
    assert drawn(run) == made

    clean = IndexRun.objects.create(
        known_at=run.known_at, as_of=run.as_of, data_version=99, method=METHOD, created_at=at(4)
    )
    assert results(finish(clean, at(4))) == results(killed)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_run_answer_it_once(facts):
    recompute.plan(now=at(3))
    run = IndexRun.objects.get(historic=False)
    more = in_threads(2, lambda number: recompute.headline(run.pk, clock=clock_at(at(3)), by=f"worker {number}"))
    assert sorted(more) == [False, True]
    assert GapResult.objects.count() == 1


def test_a_document_collected_by_a_clock_that_runs_ahead_is_in_todays_run(facts):
    better = tuple(replace(line, score=0.97) if line.model == "deepseek-example" else line for line in SCORES)
    take_in(PANEL, panel(*better), at(3, 6, 1))
    recompute.plan(now=at(3, 6, 0))
    run = IndexRun.objects.get(historic=False)
    recompute.headline(run.pk, clock=clock_at(at(3, 6, 0)), by="worker")
    assert Score.objects.known(run.known_at).filter(value=0.97).exists()
    assert BenchmarkState.objects.get(run=run, benchmark__slug="gpqa-diamond").best_open == 0.97
    assert Snapshot.objects.filter(fetched_at__gt=datetime(2026, 9, 3, 6, 0, tzinfo=UTC)).count() == 1
