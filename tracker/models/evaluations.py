"""Our own evaluations: runs asked for, their batches as leased work, a row a sample, and the machines that do them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tracker.models.provenance import Leased, Snapshot


class Evaluation(Leased):
    """One model on one suite. Its state is its rows: any worker may go on with it after a crash."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"
        SPENT = "spent", "stopped at its budget"

    class Mode(models.TextChoices):
        GREEDY = "greedy", "greedy"
        SAMPLED = "sampled", "sampled"
        CHOICE = "choice", "likelihood of choices"

    model = models.CharField(
        max_length=400, help_text="A GGUF file, a folder of safetensors, hf:owner/name, package:module, or an endpoint."
    )
    name = models.CharField(max_length=200, help_text="What the model is called in the scores; names are resolved.")
    suite = models.SlugField(max_length=60)
    suite_version = models.PositiveIntegerField(null=True, blank=True)
    engine = models.CharField(max_length=20, default="auto")
    device = models.CharField(max_length=8, default="auto")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.GREEDY)
    temperature = models.FloatField(default=0.0)
    top_p = models.FloatField(default=1.0)
    max_tokens = models.PositiveIntegerField(default=512)
    repeats = models.PositiveSmallIntegerField(default=1, help_text="Samples a question.")
    limit = models.PositiveIntegerField(null=True, blank=True, help_text="Questions; blank: all of the suite.")
    seed = models.BigIntegerField(null=True, blank=True, help_text="Of the items. Blank: the suite's public one.")
    week = models.CharField(
        max_length=8, blank=True, default="", help_text="Of the secret series (2026-W47): its seed is told afterwards."
    )
    sample_seconds = models.FloatField(default=120.0, help_text="What one sample may take.")
    budget_tokens = models.BigIntegerField(null=True, blank=True)
    budget_seconds = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    message = models.TextField(blank=True, default="", help_text="Why it failed or stopped, in words for a person.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: a command.",
    )
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    record = models.JSONField(default=dict, blank=True, help_text="All that is needed to run it again.")
    summary = models.JSONField(default=dict, blank=True, help_text="Accuracy, errors and energy, once it is done.")
    log = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="+", help_text="The log as it was handed in."
    )

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="evaluation_finished_iff_at_an_end",
                condition=Q(state__in=("waiting", "running"), finished_at=None)
                | Q(state__in=("done", "failed", "cancelled", "spent"), finished_at__isnull=False),
            ),
            models.CheckConstraint(name="evaluation_repeats", condition=Q(repeats__gte=1)),
            models.CheckConstraint(
                name="evaluation_greedy_once", condition=Q(mode="sampled") | Q(repeats=1, temperature=0)
            ),
        ]
        indexes = [
            models.Index(fields=("id",), name="evaluation_open", condition=Q(state__in=("waiting", "running"))),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.suite}"


class EvaluationBatch(Leased):
    """Samples that are asked at once: one short task, one lease."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DONE = "done", "done"
        SPLIT = "split", "halved: it did not fit into memory"

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    nonce = models.CharField(max_length=32, help_text="Its answers carry it.")
    concurrency = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    seconds = models.FloatField(null=True, blank=True)
    energy = models.JSONField(null=True, blank=True, help_text="domain.evaluation.Energy; null: there was no meter.")
    host = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ("evaluation", "number")
        constraints = [models.UniqueConstraint(fields=("evaluation", "number"), name="one_batch_per_number")]
        indexes = [models.Index(fields=("evaluation", "number"), name="batch_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"batch {self.number} of {self.evaluation}"


class EvaluationSample(models.Model):
    """One question asked once. Written once when its answer comes, and never again."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DONE = "done", "answered"
        FAILED = "failed", "not answered"

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="samples")
    batch = models.ForeignKey(EvaluationBatch, models.CASCADE, related_name="samples")
    item = models.CharField(max_length=160)
    repeat = models.PositiveSmallIntegerField(default=0)
    cluster = models.CharField(max_length=120)
    prompt = models.TextField()
    target = models.TextField()
    choices = models.JSONField(default=list, blank=True)
    meta = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    failure = models.CharField(max_length=40, blank=True, default="")
    detail = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="", help_text="The model's answer as it came.")
    extracted = models.TextField(blank=True, default="", help_text="What was taken as the answer.")
    exact = models.FloatField(null=True, blank=True)
    own = models.FloatField(null=True, blank=True, help_text="The generator's own score, where it has one.")
    likelihoods = models.JSONField(default=list, blank=True)
    tokens_in = models.PositiveIntegerField(null=True, blank=True)
    tokens_out = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("evaluation", "item", "repeat"), name="one_sample_per_item_and_repeat"),
            models.CheckConstraint(
                name="sample_answered_once",
                condition=Q(state="waiting", finished_at=None, exact=None)
                | Q(state="done", finished_at__isnull=False, exact__isnull=False)
                | Q(state="failed", finished_at__isnull=False) & ~Q(failure=""),
            ),
            models.CheckConstraint(name="sample_exact_is_0_or_1", condition=Q(exact=None) | Q(exact__in=(0, 1))),
            models.CheckConstraint(name="sample_own_in_0_1", condition=Q(own=None) | Q(own__gte=0, own__lte=1)),
        ]
        indexes = [
            models.Index(fields=("batch", "state"), name="sample_by_batch"),
            models.Index(fields=("evaluation", "state"), name="sample_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.item}, repeat {self.repeat}"


class EvaluationHost(models.Model):
    """A machine whose worker serves the queue, and what it has."""

    name = models.CharField(max_length=120, unique=True)
    hardware = models.JSONField(default=dict)
    first_seen = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(name="host_seen_in_order", condition=Q(seen_at__gte=F("first_seen"))),
        ]

    def __str__(self) -> str:
        return self.name


class WeekSeed(models.Model):
    """The secret seed of a week's items: drawn at random when first wanted, told when the week is over."""

    week = models.CharField(max_length=8, unique=True)
    seed = models.BigIntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ("-week",)
        constraints = [
            models.CheckConstraint(name="week_seed_is_an_iso_week", condition=Q(week__regex=r"^\d{4}-W\d{2}$")),
        ]

    def __str__(self) -> str:
        return self.week
