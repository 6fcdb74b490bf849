"""Beat asks in its rhythm, whatever the clock on the wall does."""

from datetime import timedelta
from pathlib import Path

from celery.beat import PersistentScheduler
from django.conf import settings
from django.utils import timezone

from landscape.beat import Scheduler
from landscape.celery import app


def asked(kind: type[PersistentScheduler], folder: Path, *, last: timedelta) -> int:
    """How many of all questions are put now, each put so long ago."""
    scheduler = kind(app, schedule_filename=str(folder / "beat"))
    try:
        entries = scheduler.schedule.values()
        for entry in entries:
            entry.last_run_at = timezone.now() - last
        while scheduler.tick() == 0:
            pass
        return sum(scheduler.schedule[name].total_run_count for name in settings.CELERY_BEAT_SCHEDULE)
    finally:
        scheduler.close()


def test_a_question_is_put_after_its_time_and_not_before(tmp_path):
    assert asked(Scheduler, tmp_path, last=timedelta(hours=2)) == len(settings.CELERY_BEAT_SCHEDULE)
    (tmp_path / "again").mkdir()
    assert asked(Scheduler, tmp_path / "again", last=timedelta(seconds=1)) == 0


def test_questions_last_put_in_the_future_are_all_put_now(tmp_path):
    assert asked(Scheduler, tmp_path, last=-timedelta(hours=1)) == len(settings.CELERY_BEAT_SCHEDULE)
    (tmp_path / "plain").mkdir()
    assert asked(PersistentScheduler, tmp_path / "plain", last=-timedelta(hours=1)) == 0, "Celery's own would wait"


def test_the_settings_name_this_scheduler():
    named = f"{Scheduler.__module__}.{Scheduler.__qualname__}"
    assert named == settings.CELERY_BEAT_SCHEDULER
