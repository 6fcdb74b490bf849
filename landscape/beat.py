"""When beat asks the next time: as often as the settings say, also after the machine's clock was set back."""

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Celery's own waits until the hour of the last time has come again, and a restart does not help: it is on disk."""

    def tick(self, *given: Any, **named: Any) -> Any:
        """Seconds until the next look."""
        for entry in self.schedule.values():
            if entry.last_run_at > entry.default_now():
                often = getattr(entry.schedule, "run_every", timedelta(0))  # a crontab, Celery's own, has none
                entry.last_run_at = entry.default_now() - often
                # The order of what comes next was made of hours that have not come.
                self._heap = None
        return super().tick(*given, **named)
