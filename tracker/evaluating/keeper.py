"""Holds a lease for whoever works under it."""

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Self

from django.db import Error as DatabaseError
from django.db import connection

from tracker.models import Evaluation, EvaluationBatch
from tracker.pipeline import evaluating, leases

Clock = Callable[[], datetime]
BEAT = 20.0  # seconds between two renewals


class Keeper(threading.Thread):
    """Renews a lease while the engine works, and stops the engine when the lease is lost or nobody wants the answer any
    more. It has a connection of its own, and outlives a restart of the database."""

    def __init__(self, row: Evaluation | EvaluationBatch, *, by: str, clock: Clock, stop: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        # Not `_stop`: a thread has one, and calls it when it is joined.
        self._row, self._by, self._clock, self._give_up = row, by, clock, stop
        self._over = threading.Event()
        self.lost = False

    def run(self) -> None:
        try:
            while not self._over.wait(BEAT):
                with contextlib.suppress(DatabaseError):
                    if not self._renewed() or not self._wanted():
                        self.lost = True
                        self._give_up()
                        return
        finally:
            connection.close()

    def _renewed(self) -> bool:
        return leases.renew(self._row, by=self._by, now=self._clock(), lease=evaluating.LEASE)

    def _wanted(self) -> bool:
        of = self._row.pk if isinstance(self._row, Evaluation) else self._row.evaluation_id
        return Evaluation.objects.filter(pk=of, state__in=evaluating.OPEN).exists()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
