"""The queue of evaluations: nothing is answered twice, nothing is lost, and everything comes to an end."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.domain.evaluation import Answer, Energy, Failure, Item, Mode
from tracker.models import Evaluation, EvaluationBatch, EvaluationSample, WeekSeed
from tracker.pipeline import evaluating, evaluation_log

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
LATER = NOW + evaluating.LEASE + timedelta(seconds=1)
SPENT, DONE, WAITING = Evaluation.State.SPENT, EvaluationSample.State.DONE, EvaluationSample.State.WAITING


def items(count):
    return [Item(f"sum/{n}", f"{n} + 1 = ?", f"{n + 1}", f"sum/{n % 2}", meta={"n": n}) for n in range(count)]


def asked(**told):
    said = {"model": "mock", "name": "Mock", "suite": "own-sums", "asked_at": NOW} | told
    return Evaluation.objects.create(**said)


def prepared(count=10, *, concurrency=2, **told):
    row = asked(**told)
    taken = evaluating.unprepared(row.pk, now=NOW, by="a")
    evaluating.prepare(
        taken, items(count), version=1, seed=7, concurrency=concurrency, about={"engine": "mock"}, now=NOW, by="a"
    )
    return Evaluation.objects.get(pk=row.pk)


def batch_of(row, *, now=NOW, by="a"):
    return evaluating.next_batch(row.pk, now=now, by=by)


def answer_to(question, nonce, *, exact=1.0, failure="", own=None):
    return Answer(nonce, question.number, "2", "2", exact, own, 5, 2, 0.5, failure=failure, detail=failure)


def answered(row, batch, *, exact=1.0, failure=""):
    job = evaluating.job_of(batch, system="")
    for question in job.questions:
        assert evaluating.take(answer_to(question, job.nonce, exact=exact, failure=failure), batch, now=NOW)


def test_an_evaluation_is_prepared_by_one_worker_only():
    row = asked()
    assert evaluating.unprepared(row.pk, now=NOW, by="a") is not None
    assert evaluating.unprepared(row.pk, now=NOW, by="b") is None


def test_a_worker_that_lost_its_lease_prepares_nothing():
    row = asked()
    late = evaluating.unprepared(row.pk, now=NOW, by="a")
    other = evaluating.unprepared(row.pk, now=NOW + 11 * evaluating.LEASE, by="b")
    told = {"version": 1, "seed": 7, "concurrency": 2, "about": {}, "now": NOW}
    assert evaluating.prepare(other, items(3), by="b", **told)
    assert not evaluating.prepare(late, items(3), by="a", **told)
    assert row.samples.count() == 3


def test_every_question_is_a_row_as_often_as_it_is_asked():
    row = prepared(5, mode="sampled", temperature=0.7, repeats=3)
    assert row.samples.count() == 15
    assert sorted(set(row.samples.values_list("item", "repeat"))) == sorted(
        (item.id, repeat) for item in items(5) for repeat in range(3)
    )
    assert row.record["items"] == 5
    assert row.record["items_sha256"] == evaluating.digest_of(items(5))


def test_the_digest_of_the_questions_tells_apart_what_differs_anywhere():
    assert evaluating.digest_of(items(5)) != evaluating.digest_of(items(4))
    assert evaluating.digest_of(items(2)) != evaluating.digest_of(list(reversed(items(2))))


def test_a_job_asks_what_a_row_says():
    row = prepared(3, concurrency=2, max_tokens=64)
    job = evaluating.job_of(batch_of(row), system="Be short.")
    assert [question.item for question in job.questions] == items(3)
    assert (job.sampling.mode, job.sampling.max_tokens, job.system) == (Mode.GREEDY, 64, "Be short.")
    assert job.concurrency == 2


def test_two_workers_never_have_the_same_batch():
    row = prepared(20, concurrency=2)
    taken = [batch_of(row, by=by).number for by in "abc"]
    assert sorted(taken) == [0, 1, 2]
    assert batch_of(row, by="d") is None


def test_what_a_killed_worker_had_is_free_after_its_lease_without_what_it_had_answered():
    row = prepared(8, concurrency=2)
    batch = batch_of(row)
    job = evaluating.job_of(batch, system="")
    evaluating.take(answer_to(job.questions[0], job.nonce), batch, now=NOW)
    assert batch_of(row, by="b") is None
    again = batch_of(row, now=LATER, by="b")
    left = evaluating.job_of(again, system="")
    assert [question.number for question in left.questions] == [question.number for question in job.questions[1:]]


def test_a_second_answer_changes_nothing():
    row = prepared(1)
    batch = batch_of(row)
    (question,) = evaluating.job_of(batch, system="").questions
    assert evaluating.take(answer_to(question, batch.nonce, exact=1.0), batch, now=NOW)
    assert not evaluating.take(answer_to(question, batch.nonce, exact=0.0), batch, now=NOW)
    assert row.samples.get().exact == 1.0


def test_a_batch_is_closed_only_when_all_of_it_is_answered():
    row = prepared(4)
    batch = batch_of(row)
    assert not evaluating.close(batch, by="a", seconds=1.0, energy=None, host="h")
    answered(row, batch)
    energy = Energy("nvml", 12.0, 1.0, 50.0, 0.1, [60.0, 61.0])
    assert evaluating.close(batch, by="a", seconds=1.0, energy=energy, host="h")
    batch.refresh_from_db()
    assert (batch.state, batch.energy["joules"], batch.host) == ("done", 12.0, "h")


def test_an_empty_answer_is_a_wrong_one_and_a_lost_one_is_none():
    row = prepared(2)
    batch = batch_of(row)
    first, second = evaluating.job_of(batch, system="").questions
    evaluating.take(answer_to(first, batch.nonce, exact=0.0, failure=Failure.EMPTY), batch, now=NOW)
    evaluating.take(answer_to(second, batch.nonce, exact=0.0, failure=Failure.ENGINE), batch, now=NOW)
    assert list(row.samples.values_list("state", "exact")) == [("done", 0.0), ("failed", None)]


def test_without_room_the_rest_is_halved_until_it_fits_or_is_one_question():
    row = prepared(8, concurrency=4)
    sizes = []
    for _ in range(40):
        batch = batch_of(row)
        if batch is None:
            break
        sizes.append((batch.samples.filter(state=WAITING).count(), batch.concurrency))
        evaluating.interrupted(batch, by="a", now=NOW, memory=True, error="CUDA out of memory")
    assert sizes[:3] == [(8, 4), (4, 2), (4, 2)]
    assert row.samples.filter(state="failed", failure=Failure.MEMORY).count() == 8
    assert not evaluating.unanswered(row).exists()


def test_what_was_answered_before_the_room_ran_out_is_not_asked_again():
    row = prepared(8, concurrency=4)
    batch = batch_of(row)
    job = evaluating.job_of(batch, system="")
    for question in job.questions[:3]:
        evaluating.take(answer_to(question, job.nonce), batch, now=NOW)
    evaluating.interrupted(batch, by="a", now=NOW, memory=True, error="out of memory")
    waiting = [evaluating.job_of(batch_of(row), system="").questions for _ in range(2)]
    assert sorted(question.number for part in waiting for question in part) == [q.number for q in job.questions[3:]]


def test_an_engine_that_dies_is_tried_again_and_then_with_less():
    row = prepared(4, concurrency=2)
    for attempt in range(evaluating.MOST_ATTEMPTS):
        batch = batch_of(row)
        assert batch.attempts == attempt + 1
        evaluating.interrupted(batch, by="a", now=NOW, memory=False, error="the engine went away")
    assert row.batches.filter(state=EvaluationBatch.State.WAITING).count() == 2
    assert not row.samples.exclude(state=WAITING).exists()


def test_a_question_that_kills_the_engine_alone_fails_and_the_others_are_answered():
    row = prepared(4, concurrency=2)
    poison = row.samples.order_by("pk")[1].pk
    for _ in range(60):
        batch = batch_of(row)
        if batch is None:
            break
        job = evaluating.job_of(batch, system="")
        if any(question.number == poison for question in job.questions):
            evaluating.interrupted(batch, by="a", now=NOW, memory=False, error="killed")
            continue
        answered(row, batch)
        evaluating.close(batch, by="a", seconds=1.0, energy=None, host="h")
    assert list(row.samples.order_by("pk").values_list("state", flat=True)) == ["done", "failed", "done", "done"]


def test_a_budget_of_tokens_and_one_of_seconds_are_told_when_they_are_used_up():
    row = prepared(8, concurrency=2, budget_tokens=40)
    assert not evaluating.spent(row, now=NOW)
    batch = batch_of(row)
    answered(row, batch)
    assert evaluating.spent(row, now=NOW) == "56 tokens of 40 were used."
    row.budget_tokens, row.budget_seconds = None, 3.0
    assert not evaluating.spent(row, now=NOW)
    evaluating.close(batch, by="a", seconds=4.0, energy=None, host="h")
    assert evaluating.spent(row, now=NOW) == "4 seconds of 3 were used."


def test_an_end_is_reached_once():
    row = prepared(2)
    assert evaluating.end(row, SPENT, message="enough", now=NOW)
    assert not evaluating.end(row, Evaluation.State.DONE, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.message, row.finished_at) == (SPENT, "enough", NOW)
    assert batch_of(row) is None


def test_a_weeks_secret_seed_is_drawn_once():
    first = evaluating.secret_seed("2026-W47", now=NOW)
    assert evaluating.secret_seed("2026-W47", now=LATER) == first
    assert evaluating.secret_seed("2026-W48", now=NOW) != first
    assert WeekSeed.objects.count() == 2


def test_a_summary_counts_what_a_meter_saw():
    row = prepared(4, concurrency=2)
    batch = batch_of(row)
    answered(row, batch)
    evaluating.close(batch, by="a", seconds=1.0, energy=Energy("nvml", 120.0, 1.0, 50.0, 0.1, [118.0, 122.0]), host="h")
    found = evaluation_log.summary(row)
    assert (found.exact, found.questions, found.energy.joules) == (1.0, 4, 120.0)
    assert found.energy.net_joules == pytest.approx(70.0)
