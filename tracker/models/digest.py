"""The weekly digest: an issue as it was frozen, one row for every letter of it, and what became of those letters."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tracker.models.provenance import Leased
from tracker.models.readers import Subscriber
from tracker.models.results import IndexRun


class Issue(models.Model):
    """What the digest says of one week. A draft holds only the desk's wishes; from `built` on nothing of `content`
    changes, and from `approved` on nothing at all but the sending."""

    class State(models.TextChoices):
        DRAFT = "draft", "being edited"
        BUILT = "built", "frozen, waits for approval or its hour"
        APPROVED = "approved", "goes out"
        SENT = "sent", "sent"
        WITHHELD = "withheld", "not to be sent"

    week = models.CharField(max_length=8, unique=True, help_text="The ISO week that it is about: 2026-W47.")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    since = models.DateTimeField(help_text="Where the week begins, in the digest's zone,")
    until = models.DateTimeField(help_text="and ends: what was known then is what the issue says.")
    content = models.JSONField(null=True, blank=True, help_text="domain.notable.Content as JSON; null: not built.")
    run = models.ForeignKey(IndexRun, models.SET_NULL, null=True, blank=True, related_name="issues")
    note = models.TextField(blank=True, default="", help_text="The editor's, above everything else.")
    dropped = ArrayField(models.CharField(max_length=200), default=list, blank=True, help_text="Items left out, by id.")
    order = ArrayField(models.CharField(max_length=200), default=list, blank=True, help_text="Ids that come first.")
    built_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", help_text="Blank: its hour."
    )
    addressed_at = models.DateTimeField(null=True, blank=True, help_text="When every reader had a letter's row.")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When no letter was left to send.")

    class Meta:
        ordering = ("-week",)
        constraints = [
            models.CheckConstraint(name="issue_week_is_an_iso_week", condition=Q(week__regex=r"^\d{4}-W\d{2}$")),
            models.CheckConstraint(name="issue_ends_after_it_begins", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(
                name="issue_frozen_once_built",
                condition=Q(state="draft", content=None, built_at=None)
                | Q(state="withheld")
                | Q(state__in=("built", "approved", "sent"), content__isnull=False, built_at__isnull=False),
            ),
            models.CheckConstraint(
                name="issue_approved_before_sent",
                condition=~Q(state__in=("approved", "sent")) | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"digest of {self.week}"


class IssueImage(models.Model):
    """A chart of an issue as it was on the day it was frozen: a letter links to it for as long as the letter lives."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="images")
    name = models.SlugField(max_length=60)
    png = models.BinaryField()
    width = models.PositiveSmallIntegerField(help_text="As shown; the picture holds twice as many pixels.")
    height = models.PositiveSmallIntegerField()
    alt = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("issue", "name"), name="one_image_per_issue_and_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.issue}"


class Letter(Leased):
    """One issue for one subscriber: the outbox. Only a row in `waiting` may be taken, and it is `sending` in the
    database before a server hears of it; what a crash left there is never sent again by itself."""

    class State(models.TextChoices):
        WAITING = "waiting", "to be sent"
        SENDING = "sending", "being handed over"
        SENT = "sent", "accepted"
        AMBIGUOUS = "ambiguous", "handed over or not: nobody knows"
        DEAD = "dead", "given up"
        DROPPED = "dropped", "not wanted any more"

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="letters")
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, blank=True, related_name="letters")
    message_id = models.CharField(max_length=120, unique=True, help_text="The same at every attempt.")
    domain = models.CharField(max_length=253, help_text="Of the address, for the pacing.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    receipt = models.CharField(max_length=200, blank=True, default="", help_text="What the server answered.")
    created_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True, blank=True, help_text="When the last attempt to hand it over began.")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("issue", "subscriber"), name="one_letter_per_issue_and_subscriber"),
            models.CheckConstraint(
                name="letter_settled_iff_at_an_end",
                condition=Q(state__in=("waiting", "sending", "ambiguous"), settled_at=None)
                | Q(state__in=("sent", "dead", "dropped"), settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=("domain", "id"), name="letter_waiting", condition=Q(state="waiting")),
            models.Index(fields=("issue", "state"), name="letter_by_state"),
            models.Index(fields=("handed_at",), name="letter_sending", condition=Q(state="sending")),
        ]

    def __str__(self) -> str:
        return f"{self.issue} to {self.subscriber}"


class DomainPace(models.Model):
    """When the next letter may go to a mail domain, for all workers."""

    domain = models.CharField(max_length=253, primary_key=True)
    next_at = models.DateTimeField()
    refused = models.PositiveIntegerField(default=0, help_text="Times in a row that the server asked to be left alone.")

    def __str__(self) -> str:
        return self.domain


class MailEvent(models.Model):
    """What a mail server or provider reported of a letter, once each however often it is told."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "delivered"
        SOFT = "soft", "put off"
        HARD = "hard", "refused for good"
        COMPLAINT = "complaint", "called spam"
        LEFT = "left", "unsubscribed at the provider"
        OTHER = "other", "something else"

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200, help_text="The provider's own, or a hash of what it told.")
    kind = models.CharField(max_length=9, choices=Kind)
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, blank=True, related_name="mail_events")
    letter = models.ForeignKey(Letter, models.SET_NULL, null=True, blank=True, related_name="events")
    at = models.DateTimeField()
    detail = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("provider", "event_id"), name="one_row_per_mail_event"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.at:%Y-%m-%d}"
