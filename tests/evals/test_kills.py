"""Runs that are killed at random, really and with -9: every question is answered once, and none twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.utils import timezone

from tests.pipeline.steps import ROOT, same_database
from tracker.models import Evaluation
from tracker.pipeline.catalog import load_catalog

pytest.importorskip("inspect_ai", reason="the evaluation worker is not installed: requirements-evaluate.txt")
pytestmark = pytest.mark.django_db(transaction=True)

QUESTIONS, KILLS = 40, 4
# With leases that end soon: what is tested is not how long they are.
WORK = """
import sys
import django; django.setup()
from datetime import timedelta
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
from tracker.evaluating import keeper
from tracker.pipeline import evaluating
settings.EVALUATION_FOLDER = Path(sys.argv[2])
settings.EVALUATION_ISOLATION = "warn"
evaluating.LEASE, keeper.BEAT = timedelta(seconds=1.5), 0.3
call_command("evaluate", "--resume", sys.argv[1])
"""


def work(number, folder):
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(number), str(folder)], env=same_database(), cwd=ROOT, start_new_session=True
    )


def test_a_run_killed_again_and_again_answers_every_question_once(tmp_path):
    load_catalog(now=timezone.now())
    asked = {"name": "Mock", "suite": "own-first-steps", "limit": QUESTIONS, "asked_at": timezone.now()}
    row = Evaluation.objects.create(model="mock:right=0.5&seconds=0.1", **asked)
    chance = random.Random(11)  # noqa: S311  for the times of the kills
    folder = tmp_path / "evaluations"
    for kill in range(KILLS):
        worker, before = work(row.pk, folder), row.samples.exclude(finished_at=None).count()
        deadline = time.monotonic() + 120
        # After some more answers, at any point of the next one; the first time while it begins.
        while kill and row.samples.exclude(finished_at=None).count() < before + chance.randint(1, 8):
            assert worker.poll() is None
            assert time.monotonic() < deadline, "nothing is answered"
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    last = work(row.pk, folder)
    assert last.wait(timeout=240) == 0
    row.refresh_from_db()
    assert row.state == "done"
    assert row.samples.count() == QUESTIONS
    assert set(row.samples.values_list("state", flat=True)) == {"done"}
    assert max(Counter(row.samples.values_list("item", flat=True)).values()) == 1
    assert row.log is not None
    assert row.log.state == "ingested"
