"""What an operator should look at, and the shapes of documents that tell it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tracker.domain.drift import Drift, Severity
from tracker.models.provenance import Endpoint, Snapshot, Source


class DocumentShape(models.Model):
    """What a document looked like when it was read, and how that differed from the last good ones."""

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, primary_key=True, related_name="shape")
    shape = models.JSONField(help_text="See tracker/domain/shape.py.")
    newest = models.DateField(null=True, blank=True, help_text="The latest day that its rows name.")
    findings = models.JSONField(default=list, help_text="Kind, severity and message of each.")

    def __str__(self) -> str:
        return f"shape of {self.snapshot}"


class OperatorLetter(models.Model):
    """A letter about alarms: what is about to happen to it is written down before the mail server hears of it."""

    class State(models.TextChoices):
        SENDING = "sending", "being handed over"
        SENT = "sent", "accepted by the mail server"
        AMBIGUOUS = "ambiguous", "nobody knows whether it was accepted"

    message_id = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=State, default=State.SENDING)
    handed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_by = models.CharField(max_length=100, blank=True, default="")
    last_error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("-handed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state",), name="one_operator_letter_at_a_time", condition=Q(state="sending")
            ),
            models.CheckConstraint(
                name="operator_letter_leased_while_sending",
                condition=Q(state="sending", lease_until__isnull=False) | (~Q(state="sending") & Q(lease_until=None)),
            ),
            models.CheckConstraint(
                name="operator_letter_settled_once_sent",
                condition=Q(state="sent", settled_at__isnull=False) | (~Q(state="sent") & Q(settled_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_state_display()})"


class Alarm(models.Model):
    """Something that would go wrong silently, from when it was seen first until it healed. Rows are never deleted."""

    class Kind(models.TextChoices):
        ROWS = Drift.ROWS.value, "rows came or went"
        KEYS = Drift.KEYS.value, "rows lost their names"
        CHANGED = Drift.CHANGED.value, "many values changed at once"
        UNIT = Drift.UNIT.value, "another unit"
        EMPTIED = Drift.EMPTIED.value, "a column emptied"
        FIELDS = Drift.FIELDS.value, "columns came or went"
        COVERAGE = Drift.COVERAGE.value, "blank cells"
        REPEATED = Drift.REPEATED.value, "names doubled"
        RANGE = Drift.RANGE.value, "values out of range"
        FUTURE = Drift.FUTURE.value, "dates in the future"
        QUARANTINED = "quarantined", "document not believed"
        STALE = "stale", "data older than usual"
        FAILING = "failing", "does not answer"
        NEVER = "never", "never answered"
        NAMES = "names", "many rows wait for names"
        UNREAD = "unread", "document not read"
        SILENT = "silent", "workers silent"
        INDEX = "index", "index not computed"
        DIGEST = "digest", "digest not sent"

    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=80, help_text="What it is about, as table:row or another name.")
    severity = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Severity])
    message = models.TextField(help_text="What would silently go wrong, and what to do.")
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="alarms")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, null=True, blank=True, related_name="alarms")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, blank=True, related_name="alarms")
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # A constraint would lock both tables while the version before still serves; letters are deleted in one place only.
    letter = models.ForeignKey(
        OperatorLetter, models.SET_NULL, null=True, blank=True, related_name="opened",
        db_index=False, db_constraint=False, help_text="That was to tell of it; whether it did is the letter's state.",
    )  # fmt: skip
    healing_letter = models.ForeignKey(
        OperatorLetter, models.SET_NULL, null=True, blank=True, related_name="healed",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    mailed_at = models.DateTimeField(null=True, blank=True)
    healing_mailed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="", help_text="Why it may stay open.")

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "subject"), name="one_open_alarm_per_subject", condition=Q(closed_at=None)
            ),
            models.CheckConstraint(name="alarm_has_a_message", condition=~Q(message="")),
            models.CheckConstraint(
                name="alarm_seen_after_it_opened",
                condition=Q(last_seen_at__gte=F("opened_at"))
                & (Q(closed_at=None) | Q(closed_at__gte=F("last_seen_at"))),
            ),
            models.CheckConstraint(
                name="alarm_acknowledged_by_at_and_why",
                condition=Q(acknowledged_by=None, acknowledged_at=None, reason="")
                | (Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="alarm_healing_mailed_once_closed",
                condition=Q(healing_mailed_at=None) | Q(closed_at__isnull=False, mailed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=("source", "-opened_at"), name="alarm_of_source"),
            models.Index(fields=("-closed_at",), name="alarm_healed", condition=Q(closed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
