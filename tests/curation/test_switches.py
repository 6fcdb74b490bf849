"""Switches: a source is asked no more, a benchmark is hidden, and no start of the program takes that back."""

import pytest

from tests.pipeline.steps import at, endpoint
from tests.pipeline.vintages import PRICES
from tracker import curation
from tracker.curation import Refused
from tracker.models import Alarm, Benchmark, DataVersion, Decision, Source
from tracker.pipeline import collect
from tracker.pipeline.catalog import load_catalog

pytestmark = pytest.mark.usefixtures("installed")


def test_a_source_that_is_off_is_not_due_and_undoing_asks_it_again(ann):
    source = Source.objects.get(slug="models_dev")
    (decision,) = curation.switch_source(source, enabled=False, by=ann, reason="Moved", now=at(2)).decisions
    assert endpoint(PRICES).pk not in collect.due(now=at(2))
    assert (decision.kind, decision.by, decision.at, decision.reason) == ("switch-source", ann, at(2), "Moved")
    curation.undo(decision, by=ann, reason="It is back", now=at(3))
    assert endpoint(PRICES).pk in collect.due(now=at(3))


def test_a_switch_that_changes_nothing_is_refused(ann):
    with pytest.raises(Refused, match="on already"):
        curation.switch_source(Source.objects.get(slug="models_dev"), enabled=True, by=ann, reason="Sure", now=at(2))
    assert not Decision.objects.exists()


def hide(ann, *, shown: bool = False, slug: str = "gpqa-diamond", day: int = 2) -> Decision:
    exam = Benchmark.objects.get(slug=slug)
    done = curation.switch_benchmark_display(exam, shown=shown, by=ann, reason="Terms changed", now=at(day))
    return done.decisions[0]


def may_display(slug: str = "gpqa-diamond") -> bool:
    return Benchmark.objects.get(slug=slug).may_display


def test_a_hidden_benchmark_stays_hidden_when_the_catalogue_is_loaded_again(ann, root):
    version = DataVersion.objects.get().value
    decision = hide(ann)
    assert DataVersion.objects.get().value == version + 1
    assert load_catalog(now=at(3), root=root) == 0
    assert not may_display()
    curation.undo(decision, by=ann, reason="They did not", now=at(4))
    assert may_display()
    assert load_catalog(now=at(5), root=root) == 0
    assert may_display()


def test_what_was_hidden_here_can_be_shown_here(ann, root):
    hide(ann)
    hide(ann, shown=True, day=3)
    assert may_display()
    assert load_catalog(now=at(4), root=root) == 0
    assert may_display()


def test_what_the_catalogue_hides_nobody_shows(ann):
    with pytest.raises(Refused, match="may not be shown"):
        hide(ann, shown=True, slug="hidden-exam")
    assert not may_display("hidden-exam")


def test_an_acknowledged_alarm_says_by_whom_and_why_until_that_is_undone(ann):
    alarm = Alarm.objects.create(
        kind="stale",
        subject="source:1",
        severity=Alarm._meta.get_field("severity").choices[0][0],
        message="It is old",
        opened_at=at(1),
        last_seen_at=at(1),
    )
    (decision,) = curation.acknowledge_alarms([alarm], by=ann, reason="They are moving", now=at(2)).decisions
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.acknowledged_at, alarm.reason) == (ann, at(2), "They are moving")
    with pytest.raises(Refused, match="acknowledged already"):
        curation.acknowledge_alarms([alarm], by=ann, reason="Again", now=at(2))
    curation.undo(decision, by=ann, reason="They are not", now=at(3))
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.acknowledged_at, alarm.reason) == (None, None, "")
