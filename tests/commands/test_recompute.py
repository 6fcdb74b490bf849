"""`recompute`: every waiting run to its end, or today's headline, or today's run from scratch."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from tests.commands.conftest import Call
from tracker.models import GapResult, IndexRun
from tracker.pipeline import recompute
from tracker.pipeline.gap_parts import parts

HEADLINE = {"scope": "all", "open_means": "weights", "region": "", "max_parameters": 0}


def headline_of(run: IndexRun) -> Any:
    return GapResult.objects.get(run=run, **HEADLINE).report["lags"]


def test_it_works_every_waiting_run_to_its_end_and_then_finds_nothing_due(world: None, call: Call) -> None:
    waiting = list(IndexRun.objects.exclude(state=IndexRun.State.DONE))
    assert waiting
    said = json.loads(call("recompute", "--json"))
    assert {row["run"] for row in said["runs"]} == {run.pk for run in waiting}
    assert said["not_done"] == 0
    for run in waiting:
        run.refresh_from_db()
        assert run.state == IndexRun.State.DONE
        assert GapResult.objects.filter(run=run).count() == len(recompute.questions()) + len(parts())
    assert "Nothing is due" in call("recompute")


def test_from_scratch_means_a_new_run_with_the_same_answer(world: None, call: Call) -> None:
    before = IndexRun.objects.get(historic=False)
    said = json.loads(call("recompute", "--all", "--headline", "--json"))
    after = IndexRun.objects.get(pk=said["current"]["id"])
    assert after.pk != before.pk
    assert after.state == IndexRun.State.READY
    assert headline_of(after) == headline_of(before)
    assert said["current"]["complete"] is False


def test_a_run_that_another_worker_has_is_left_to_it_and_said(world: None, call: Call) -> None:
    waiting = IndexRun.objects.exclude(state=IndexRun.State.DONE)
    count = waiting.update(lease_until=timezone.now() + timedelta(minutes=4), lease_by="other:1")
    text = call("recompute")
    assert "Nothing is due" in text
    assert re.search(
        rf"^{count} runs? (is|are) not complete: another worker has them, or they wait", text, re.MULTILINE
    )
    assert set(waiting.values_list("lease_by", flat=True)) == {"other:1"}


def test_without_facts_it_says_where_they_come_from(db: None, call: Call) -> None:
    with pytest.raises(CommandError, match=r"No benchmark data yet: run `manage\.py load`"):
        call("recompute")
