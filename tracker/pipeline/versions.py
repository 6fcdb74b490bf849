"""The data version: raised in the transaction that changes public facts."""

from datetime import datetime

from django.db.models import F

from tracker.models import DataVersion


def raise_data_version(*, now: datetime) -> None:
    """Call inside the transaction that changes what readers see."""
    if not DataVersion.objects.filter(pk=1).update(value=F("value") + 1, changed_at=now):
        DataVersion.objects.create(pk=1, value=1, changed_at=now)
