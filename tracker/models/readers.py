"""Who reads the weekly digest and what they asked for: the only personal data that we keep."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from tracker.models.provenance import Leased


class Subscriber(Leased):
    """A reader, from when an address was typed in until its owner leaves. The lease is for sending the confirmation.

    `nonce` is part of what every signed link of this reader carries: another one makes all of them void.
    """

    class State(models.TextChoices):
        ASKED = "asked", "asked, not confirmed"
        ACTIVE = "active", "reads"
        LEFT = "left", "unsubscribed"
        BOUNCED = "bounced", "address does not work"
        COMPLAINED = "complained", "called it spam"

    class Pace(models.TextChoices):
        WEEKLY = "weekly", "every week"
        FLIPS = "flips", "only when something flips"

    email = models.EmailField()
    nonce = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    pace = models.CharField(max_length=6, choices=Pace, default=Pace.WEEKLY)
    topics = ArrayField(models.CharField(max_length=16), default=list, blank=True, help_text="Blank: every topic.")
    labs = ArrayField(models.CharField(max_length=100), default=list, blank=True, help_text="Slugs. Blank: every lab.")
    text_only = models.BooleanField(default=False)
    paused_until = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField()
    confirm_wanted_at = models.DateTimeField(null=True, blank=True, help_text="When a confirmation was last asked for.")
    confirm_sent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(default=0, help_text="Since the last letter that came through.")
    soft_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_subscriber_per_address"),
            models.CheckConstraint(
                name="subscriber_active_iff_confirmed",
                condition=~Q(state="active") | Q(confirmed_at__isnull=False, ended_at=None),
            ),
            models.CheckConstraint(
                name="subscriber_ended_iff_gone",
                condition=Q(state__in=("asked", "active"), ended_at=None)
                | Q(state__in=("left", "bounced", "complained"), ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=("id",), name="subscriber_active", condition=Q(state="active")),
            models.Index(
                fields=("confirm_wanted_at",),
                name="subscriber_to_confirm",
                condition=Q(confirm_wanted_at__isnull=False)
                & (Q(confirm_sent_at=None) | Q(confirm_sent_at__lt=F("confirm_wanted_at"))),
            ),
        ]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class Suppression(models.Model):
    """An address that must never be written to again, as a keyed hash: it outlives the erasure of its owner's data."""

    class Why(models.TextChoices):
        COMPLAINED = "complained", "called a letter spam"
        BOUNCED = "bounced", "does not exist"

    address = models.CharField(max_length=64, unique=True, help_text="HMAC-SHA256 of the address, in lower case.")
    why = models.CharField(max_length=10, choices=Why)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_why_display()} ({self.address[:8]}…)"


class Attempts(models.Model):
    """How often somebody did something within a window of time, for limits that hold over all processes."""

    key = models.CharField(max_length=80, help_text="What was done, and a keyed hash of who did it.")
    window = models.DateTimeField(help_text="Where the window begins.")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "attempts"
        constraints = [models.UniqueConstraint(fields=("key", "window"), name="one_count_per_key_and_window")]
        indexes = [models.Index(fields=("window",), name="attempts_by_window")]

    def __str__(self) -> str:
        return f"{self.count} of {self.key} since {self.window:%Y-%m-%d %H:%M}"
