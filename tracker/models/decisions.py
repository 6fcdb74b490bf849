"""What people decided and what follows from it: decisions are only ever added, and undoing one is another."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tracker.models.entities import AIModel, Alias, Lab
from tracker.models.facts import FactManager, Price, Release
from tracker.models.provenance import Endpoint, Leased, Snapshot


class DecisionManager(models.Manager["Decision"]):
    """Decisions asked for what still holds of them."""

    def last_standing(self, kind: str) -> dict[int, dict[str, Any]]:
        """By row of the table that the kind is about: what the last decision that was not undone left."""
        standing = self.filter(kind=kind, undone_by=None).order_by("at", "pk")
        return {row: after[f"{table}:{row}"] for table, row, after in standing.values_list("table", "row", "after")}


class Decision(models.Model):
    """Who decided what, when and why. The database refuses to change or delete a row, whoever asks."""

    class Kind(models.TextChoices):
        ACCEPT = "accept-suggestion", "suggestion accepted"
        EXPLAIN = "explain-name", "name explained"
        CREATE = "create-model", "model created"
        SPLIT = "split-setting", "setting split off"
        IGNORE = "ignore-name", "name ignored"
        PREFER = "prefer-evidence", "evidence chosen"
        ACCEPT_DOCUMENT = "accept-document", "document accepted"
        REJECT_DOCUMENT = "reject-document", "document rejected"
        SWITCH_SOURCE = "switch-source", "source switched"
        SWITCH_BENCHMARK = "switch-benchmark", "benchmark's display switched"
        ACKNOWLEDGE = "acknowledge-alarm", "alarm acknowledged"
        READ_LICENCE = "read-licence", "licence read"
        ADOPT_RELEASE = "adopt-release", "proposed release adopted"
        DISMISS_RELEASE = "dismiss-release", "proposed release dismissed"
        WRITE_INSIGHT = "write-insight", "insight written"
        EDIT_DIGEST = "edit-digest", "digest edited"
        APPROVE_DIGEST = "approve-digest", "digest approved"
        WITHHOLD_DIGEST = "withhold-digest", "digest withheld"
        SETTLE_LETTER = "settle-letter", "letter settled"
        ASK_EVALUATION = "ask-evaluation", "evaluation asked for"
        CANCEL_EVALUATION = "cancel-evaluation", "evaluation called off"
        UNDO = "undo", "decision undone"

    kind = models.CharField(max_length=24, choices=Kind)
    table = models.CharField(max_length=40, help_text="What it was about: the table,")
    row = models.BigIntegerField(help_text="the row in it,")
    words = models.TextField(help_text="and both in words, as they were then.")
    before = models.JSONField(help_text="Table:row to the fields that changed, as they were; null: it did not exist.")
    after = models.JSONField(help_text="The same rows as the decision left them; null: it was deleted.")
    concerns = ArrayField(models.CharField(max_length=60), help_text="Table:row of everything whose history it is in.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    at = models.DateTimeField()
    reason = models.TextField()
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    objects = DecisionManager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(name="decision_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="decision_has_words", condition=~Q(words="")),
            models.CheckConstraint(
                name="decision_undoes_iff_undo",
                condition=Q(kind="undo", undoes__isnull=False) | (~Q(kind="undo") & Q(undoes=None)),
            ),
            models.CheckConstraint(name="decision_does_not_undo_itself", condition=Q(undoes=None) | ~Q(undoes=F("pk"))),
        ]
        indexes = [
            GinIndex(fields=("concerns",), name="decision_concerns"),
            models.Index(fields=("-at", "-id"), name="decision_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.words}"


class FieldChoice(models.Model):
    """A conflict decided: of this model's field this row of this document is believed, as long as it says this value.

    It has two times like a fact, so that pages asked for an earlier day show what was believed then. `seen` holds the
    values that lay before the curator: another value reopens the conflict.
    """

    model = models.ForeignKey(AIModel, models.PROTECT, related_name="choices")
    field = models.CharField(max_length=24)
    host = models.TextField(blank=True, default="", help_text="Of a price: who asks it.")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="+")
    key = models.TextField(help_text="The document's own name of the row.")
    value = models.TextField()
    seen = models.JSONField()
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    price = models.ForeignKey(Price, models.PROTECT, null=True, blank=True, related_name="+")
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)

    objects = FactManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("model", "field", "host"), name="one_current_choice_per_field", condition=Q(known_to=None)
            ),
            models.CheckConstraint(
                name="choice_ends_after_it_begins", condition=Q(known_to=None) | Q(known_to__gte=F("known_from"))
            ),
            models.CheckConstraint(
                name="choice_names_one_fact",
                condition=Q(release__isnull=False, price=None, host="") | Q(release=None, price__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.model}: {self.value}"


class Conflict(models.Model):
    """Sources that disagree about one field of one model, found when the facts were last weighed."""

    class State(models.TextChoices):
        OPEN = "open", "waits for a decision"
        DECIDED = "decided", "decided"
        GONE = "gone", "sources agree"

    model = models.ForeignKey(AIModel, models.CASCADE, related_name="conflicts")
    field = models.CharField(max_length=24)
    host = models.TextField(blank=True, default="", help_text="Of a price: who asks it.")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ("-found_at", "pk")
        verbose_name = "conflict between sources"
        verbose_name_plural = "conflicts between sources"
        constraints = [models.UniqueConstraint(fields=("model", "field", "host"), name="one_conflict_per_field")]
        indexes = [models.Index(fields=("state", "-found_at"), name="conflict_by_state")]

    def __str__(self) -> str:
        return f"{self.field} of {self.model}" + (f" at {self.host}" if self.host else "")


class ProposedRelease(models.Model):
    """A model that news or a hub listing seem to speak of and no alias explains; a curator adopts or dismisses it."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a decision"
        ADOPTED = "adopted", "adopted"
        DISMISSED = "dismissed", "dismissed"
        EXPLAINED = "explained", "explained since"

    key = models.TextField(unique=True, help_text="The name, normalised.")
    name = models.TextField()
    lab = models.ForeignKey(Lab, models.CASCADE, null=True, blank=True, related_name="proposed")
    pattern = models.CharField(max_length=12, help_text="Why the words may name a model.")
    reason = models.TextField()
    seen_in = models.JSONField(default=list, help_text="Titles and repositories, with their addresses and dates.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ("-found_at", "pk")
        verbose_name = "proposed release"
        indexes = [models.Index(fields=("state", "-found_at"), name="proposed_by_state")]

    def __str__(self) -> str:
        return self.name


class NamedSetting(models.Model):
    """What a name says of how the model was run, where only a person can tell: beside the alias that it is."""

    alias = models.OneToOneField(Alias, models.CASCADE, related_name="named_setting")
    effort = models.TextField(blank=True, default="")
    mode = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="named_setting_says_something", condition=~Q(effort="", mode="")),
        ]

    def __str__(self) -> str:
        return f"{self.alias}: {self.effort or self.mode}"


class Waiver(models.Model):
    """That this one document may have shrunk: its facts are believed from `at`, when a curator said so."""

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, related_name="waiver")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.snapshot} may have shrunk"


class Comparison(models.Model):
    """How a document in quarantine differs from the last good one, worked out when it was read."""

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, related_name="comparison")
    before = models.ForeignKey(Snapshot, models.CASCADE, null=True, blank=True, related_name="+")
    report = models.JSONField()

    def __str__(self) -> str:
        return f"{self.snapshot} beside {self.before}"


class Rereading(Leased):
    """An endpoint whose document must be read again, because names were explained or a reading was taken back."""

    endpoint = models.OneToOneField(Endpoint, models.CASCADE, related_name="rereading")
    before = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="+", help_text="What was read, where taken back."
    )
    wanted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.endpoint} again"


class Quarantined(Snapshot):
    """Snapshots as the curator's desk lists them: those that failed a guard."""

    class Meta:
        proxy = True
        verbose_name = "document in quarantine"
        verbose_name_plural = "documents in quarantine"
