"""Runs asked for and called off by people, and both taken back."""

from datetime import UTC, datetime

import pytest

from tracker import curation
from tracker.models import Decision, Evaluation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def ask(by, **told):
    said = {"model": "models/example.Q4_1.gguf", "suite": "own-first-steps", "secret": False} | told
    curation.ask_evaluation(**said, by=by, reason="Sources disagree", now=NOW)
    return Evaluation.objects.latest("pk")


def undo(by):
    curation.undo(Decision.objects.first(), by=by, reason="Not this one", now=NOW)


def test_a_run_is_named_for_its_model_unless_somebody_says_otherwise(ann):
    assert ask(ann).name == "example.Q4_1"
    assert ask(ann, model="https://host.example/v1#small-model").name == "small-model"
    assert ask(ann, model="hf:owner/name").name == "name"
    assert ask(ann, name="Example 1").name == "Example 1"


def test_asking_is_taken_back_while_nothing_came_of_it(ann):
    row = ask(ann)
    undo(ann)
    assert not Evaluation.objects.filter(pk=row.pk).exists()


def test_asking_is_not_taken_back_once_a_worker_has_begun(ann):
    row = ask(ann)
    Evaluation.objects.filter(pk=row.pk).update(state="running", started_at=NOW)
    with pytest.raises(curation.Refused):
        undo(ann)
    assert Evaluation.objects.filter(pk=row.pk).exists()


def test_calling_off_is_taken_back_and_the_run_goes_on(ann):
    row = ask(ann)
    curation.cancel_evaluation(row, by=ann, reason="Enough", now=NOW)
    row.refresh_from_db()
    assert (row.state, row.finished_at, row.message) == ("cancelled", NOW, "Called off: Enough")
    undo(ann)
    row.refresh_from_db()
    assert (row.state, row.finished_at, row.message) == ("waiting", None, "")


def test_the_secret_series_is_that_of_the_week_it_is_asked_in(ann):
    assert ask(ann, secret=True).week == "2026-W47"
    with pytest.raises(curation.Refused, match="seed of its own"):
        ask(ann, secret=True, seed=4)
