"""How a decision is written down: every row it changes, as it was and as it was left, with a name, time and reason."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Model

from tracker.models import DataVersion, Decision, Endpoint, Rereading, Snapshot


class Refused(Exception):  # noqa: N818  it says what happened, as FetchRefused does
    """The decision cannot be taken as things stand; the message tells the curator why. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided and what there is to do now: endpoints to read again, snapshots to read. Both also lie in the
    database as work that waits, so that a lost message loses nothing."""

    decisions: tuple[Decision, ...]
    endpoints: tuple[int, ...] = ()
    snapshots: tuple[int, ...] = ()


def reference(row: Model) -> str:
    """The name of a row in the ledger; a proxy stands for the table it reads."""
    return f"{row._meta.concrete_model._meta.model_name}:{row.pk}"  # type: ignore[union-attr]


def plain(value: Any) -> Any:
    """A column's value as JSON has it."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def state(row: Model, names: list[str] | None = None) -> dict[str, Any]:
    """The named columns of a row, or all but its key."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {
        field.attname: plain(getattr(row, field.attname)) for field in fields if names is None or field.attname in names
    }


class Ledger:
    """Writes rows and remembers how they were; `sign` makes the decision of it. Use it inside one transaction."""

    def __init__(self, *, by: User, reason: str, now: datetime) -> None:
        self.by, self.reason, self.now = by, reason.strip(), now
        if not self.reason:
            raise Refused("A decision needs a reason.")
        self._begin()

    def _begin(self) -> None:
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.concerns: set[str] = set()

    def create(self, row: Model) -> None:
        row.save(force_insert=True)
        self.before[reference(row)], self.after[reference(row)] = None, state(row)

    def update(self, row: Model, **values: Any) -> None:
        """Set columns of a row, by their column's name ("model_id")."""
        names = list(values)
        was = state(row, names)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=names)
        # Changed twice in one decision: what it was is what it was first.
        self.before[reference(row)] = {**was, **(self.before.get(reference(row)) or {})}
        self.after[reference(row)] = {**(self.after.get(reference(row)) or {}), **state(row, names)}

    def delete(self, row: Model) -> None:
        self.before[reference(row)], self.after[reference(row)] = state(row), None
        row.delete()

    def concern(self, *rows: Model | None) -> None:
        """These belong to the decision's story although they are not changed by it."""
        self.concerns |= {reference(row) for row in rows if row is not None}

    def sign(self, kind: Decision.Kind, subject: Model, words: str, *, undoes: Decision | None = None) -> Decision:
        """The decision of everything written since the last one."""
        table, _, row = reference(subject).partition(":")
        decision = Decision.objects.create(
            kind=kind,
            table=table,
            row=int(row),
            words=words,
            before=self.before,
            after=self.after,
            concerns=sorted({reference(subject), *self.before, *self.concerns}),
            by=self.by,
            at=self.now,
            reason=self.reason,
            undoes=undoes,
        )
        self._begin()
        return decision


def read_again(endpoints: set[int], *, now: datetime, before: Snapshot | None = None) -> tuple[int, ...]:
    """Note that the endpoints must be read again; one that waits already waits on. Returns those that have something to
    be read."""
    ids = sorted(Endpoint.objects.filter(pk__in=endpoints, current__isnull=False).values_list("pk", flat=True))
    for endpoint in ids:
        values = {"wanted_at": now, "not_before": None, **({"before": before} if before else {})}
        Rereading.objects.update_or_create(endpoint_id=endpoint, defaults=values)
    return tuple(ids)


def readers_see_it(*, now: datetime) -> None:
    """Call inside the transaction: what pages show changes with it."""
    if not DataVersion.objects.filter(pk=1).update(value=F("value") + 1, changed_at=now):
        DataVersion.objects.create(pk=1, value=1, changed_at=now)
