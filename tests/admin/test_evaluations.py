"""Evaluations at the desk: asked for with a reason, called off, undone; the secret series stays secret."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests.admin.reading import listed
from tracker.domain.evaluation import week_of
from tracker.models import Decision, Evaluation, EvaluationBatch, EvaluationSample

LIST = reverse("admin:tracker_evaluation_changelist")
ADD = reverse("admin:tracker_evaluation_add")
SAMPLES = reverse("admin:tracker_evaluationsample_changelist")
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("world")


def asked(**told):
    said = {"model": "mock", "suite": "own-first-steps", "engine": "auto", "device": "auto", "mode": "greedy"}
    said |= {"temperature": "0", "repeats": "1", "max_tokens": "64", "reason": "We want to know"} | told
    return {f"wish-{name}": value for name, value in said.items()}


def row(**told):
    return Evaluation.objects.create(
        **{"model": "mock", "name": "Mock", "suite": "own-first-steps", "asked_at": NOW} | told
    )


def test_a_run_is_asked_for_with_a_reason_and_asking_can_be_undone(desk, curator):
    desk.post(ADD, asked())
    made, decision = Evaluation.objects.latest("pk"), Decision.objects.get()
    assert (made.model, made.max_tokens, made.state, made.asked_by) == ("mock", 64, "waiting", curator)
    assert (decision.kind, decision.reason) == ("ask-evaluation", "We want to know")
    desk.post(reverse("admin:tracker_decision_undo", args=[decision.pk]))
    assert not Evaluation.objects.filter(pk=made.pk).exists()


def test_the_secret_series_is_that_of_the_week(desk):
    before = datetime.now(UTC)
    desk.post(ADD, asked(secret="on"))
    assert Evaluation.objects.latest("pk").week in {week_of(before), week_of(datetime.now(UTC))}


def test_a_wish_that_no_run_can_meet_is_refused_in_words(desk):
    count = Evaluation.objects.count()
    assert "Without sampling" in desk.post(ADD, asked(repeats="3"), follow=True).content.decode()
    assert "Select a valid choice" in desk.post(ADD, asked(suite="nothing")).content.decode()
    assert Evaluation.objects.count() == count


def test_a_run_is_called_off_and_one_that_is_over_is_not(desk):
    waiting, done = row(), row(state="done", finished_at=NOW)
    for one in (waiting, done):
        told = {"action": "call_off", "_selected_action": [one.pk], "reason": "Enough"}
        answer = desk.post(LIST, told, follow=True).content.decode()
    assert "nothing to call off" in answer
    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.state, waiting.message, done.state) == ("cancelled", "Called off: Enough", "done")


def test_the_list_tells_how_far_a_run_is(desk):
    one = row(state="running")
    batch = EvaluationBatch.objects.create(evaluation=one, number=0, nonce="n", concurrency=2)
    for number in range(3):
        answered = {"state": "done", "exact": 1.0, "finished_at": NOW} if number else {}
        EvaluationSample.objects.create(
            evaluation=one, batch=batch, item=f"i{number}", cluster="c", prompt="?", target="!", **answered
        )
    assert "2 of 3" in desk.get(LIST).content.decode()


def test_questions_of_a_secret_series_are_not_at_the_desk(desk):
    open_run, secret = row(), row(week="2026-W47")
    for one in (open_run, secret):
        batch = EvaluationBatch.objects.create(evaluation=one, number=0, nonce="n", concurrency=2)
        EvaluationSample.objects.create(
            evaluation=one, batch=batch, item="i", cluster="c", prompt="a question", target="!"
        )
    assert listed(desk, SAMPLES) >= {open_run.samples.get().pk}
    assert secret.samples.get().pk not in listed(desk, SAMPLES)
    page = desk.get(reverse("admin:tracker_evaluationsample_change", args=[secret.samples.get().pk]))
    assert "a question" not in page.content.decode()
