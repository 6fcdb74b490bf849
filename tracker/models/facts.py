"""What sources said, with two times: when it was so, and when we knew it. A fact is never edited; it is superseded."""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Case, F, Q, When

from tracker.domain.evidence import EVALUATOR_RANK, SCORE_SOURCE_RANK
from tracker.domain.records import Access, Evaluator, Precision
from tracker.models.entities import AIModel, Benchmark, Lab, Licence, Person, Setting
from tracker.models.provenance import Endpoint, Snapshot

F_co = TypeVar("F_co", bound=models.Model, covariant=True)
Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


class FactManager(models.Manager[F_co]):
    """Rows with `known_from` and `known_to`, asked for what was current at a time."""

    def known(self, at: datetime | None = None) -> models.QuerySet[F_co]:
        """The facts known at a time; None is now."""
        if at is None:
            return self.filter(known_to=None)
        return self.filter(Q(known_to=None) | Q(known_to__gt=at), known_from__lte=at)


class ScoreManager(FactManager["Score"]):
    """Scores, of which several may be of the same measurement."""

    def believed(self, facts: Rows, *same: str) -> Rows:
        """Of these the one that is believed for each of `same`, as domain.evidence chooses it: the database chooses, so
        that what is not believed never leaves it."""
        source = "endpoint__source__slug"
        ranked: Any = facts.annotate(
            evaluator_rank=Case(
                *(When(evaluator=one.value, then=rank) for one, rank in EVALUATOR_RANK.items()),
                default=len(EVALUATOR_RANK),
                output_field=models.IntegerField(),
            ),
            source_rank=Case(
                *(When(**{source: slug}, then=rank) for rank, slug in enumerate(SCORE_SOURCE_RANK)),
                default=len(SCORE_SOURCE_RANK),
                output_field=models.IntegerField(),
            ),
        )
        chosen: Rows = ranked.order_by(*same, "evaluator_rank", "-known_from", "source_rank", "pk").distinct(*same)
        return chosen


class Fact(models.Model):
    """One row of one document. It holds from `first_snapshot` until the snapshot that no longer showed it.

    While `known_to` is null the fact is current and the last snapshot that showed it is its endpoint's current one;
    when a snapshot arrives without it, `known_to` and `last_snapshot` are set, and `superseded_by` when the same key
    came with other content. A re-read that shows the same facts therefore writes nothing.
    """

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="+")
    key = models.TextField(help_text="The source's own name of the row.")
    digest = models.CharField(max_length=32, help_text="Of the content: equal digests, equal facts.")
    name = models.TextField(help_text="What the source calls the model.")
    url = models.TextField(blank=True, default="", help_text="The row's own evidence.")
    first_snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    last_snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, blank=True, related_name="+")
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")

    objects = FactManager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "endpoint",
                    "key",
                ),
                name="one_current_%(class)s_per_row",
                condition=Q(known_to=None),
            ),
            models.CheckConstraint(
                name="%(class)s_ends_after_it_begins",
                condition=Q(known_to=None) | Q(known_to__gte=F("known_from")),
            ),
            models.CheckConstraint(
                name="%(class)s_superseded_is_closed",
                condition=Q(superseded_by=None) | Q(known_to__isnull=False),
            ),
            models.CheckConstraint(
                name="%(class)s_closed_with_its_last_snapshot",
                condition=Q(known_to=None, last_snapshot=None) | Q(known_to__isnull=False, last_snapshot__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=(
                    "endpoint",
                    "key",
                ),
                name="%(class)s_row",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"


class Release(Fact):
    """That a model became available: when, how, and under which licence. A relicensing is another release fact."""

    model = models.ForeignKey(AIModel, models.PROTECT, related_name="releases")
    released_on = models.DateField(null=True, blank=True)
    precision = models.CharField(max_length=5, choices=[(p.value, p.value) for p in Precision], default="day")
    access = models.CharField(max_length=24, choices=[(a.value, a.value) for a in Access], blank=True, default="")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True, related_name="releases")
    licence_words = models.TextField(blank=True, default="")
    parameters = models.FloatField(null=True, blank=True)
    active_parameters = models.FloatField(null=True, blank=True)
    context = models.PositiveBigIntegerField(null=True, blank=True)
    weights_url = models.TextField(blank=True, default="")
    data_information = models.CharField(max_length=10, blank=True, default="")
    training_code = models.CharField(max_length=10, blank=True, default="")
    base_words = models.TextField(blank=True, default="", help_text="What it was made from, in the source's words.")
    base_relation = models.CharField(max_length=20, blank=True, default="")

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                name="release_access", condition=Q(access="") | Q(access__in=[a.value for a in Access])
            ),
            models.CheckConstraint(
                name="release_parameters_positive",
                condition=Q(parameters=None) | Q(parameters__gt=0, parameters__lt=1e300),
            ),
        ]


class Score(Fact):
    """One result of a model on a benchmark, in the benchmark's unit."""

    model = models.ForeignKey(AIModel, models.PROTECT, related_name="scores")
    benchmark = models.ForeignKey(Benchmark, models.PROTECT, related_name="scores")
    setting = models.ForeignKey(Setting, models.PROTECT, related_name="scores")
    value = models.FloatField()
    stderr = models.FloatField(null=True, blank=True)
    evaluator = models.CharField(max_length=12, choices=[(e.value, e.value) for e in Evaluator])
    evaluated_on = models.DateField(null=True, blank=True)

    objects: ClassVar[ScoreManager] = ScoreManager()

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                name="score_stderr_not_negative", condition=Q(stderr=None) | Q(stderr__gte=0, stderr__lt=1e300)
            ),
            # NaN is greater than every number for PostgreSQL, so this refuses NaN and the infinities.
            models.CheckConstraint(name="score_value_is_finite", condition=Q(value__gt=-1e300, value__lt=1e300)),
        ]
        indexes = [
            *Fact.Meta.indexes,
            models.Index(
                fields=(
                    "benchmark",
                    "model",
                ),
                name="score_of_benchmark",
            ),
            models.Index(
                fields=(
                    "model",
                    "benchmark",
                ),
                name="score_of_model",
            ),
        ]


class Price(Fact):
    """What a host asks, in US dollars per million tokens."""

    model = models.ForeignKey(AIModel, models.PROTECT, related_name="prices")
    host = models.TextField()
    input = models.FloatField(null=True, blank=True)
    output = models.FloatField(null=True, blank=True)
    cache_read = models.FloatField(null=True, blank=True)
    cache_write = models.FloatField(null=True, blank=True)
    since = models.DateField(null=True, blank=True)

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                name="price_not_negative",
                condition=(Q(input=None) | Q(input__gte=0, input__lt=1e300))
                & (Q(output=None) | Q(output__gte=0, output__lt=1e300)),
            ),
        ]
        indexes = [*Fact.Meta.indexes, models.Index(fields=("model",), name="price_of_model")]


class Event(Fact):
    """Something a lab did."""

    lab = models.ForeignKey(Lab, models.PROTECT, related_name="events")
    model = models.ForeignKey(AIModel, models.PROTECT, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=40)
    title = models.TextField()
    detail = models.TextField(blank=True, default="", help_text="A sentence of our own.")
    about = models.TextField(blank=True, default="", help_text="Key of the event that this one keeps or breaks.")
    occurred_on = models.DateField()
    precision = models.CharField(max_length=5, choices=[(p.value, p.value) for p in Precision], default="day")

    class Meta(Fact.Meta):
        indexes = [*Fact.Meta.indexes, models.Index(fields=("-occurred_on",), name="event_by_date")]


class Statement(Fact):
    """What a person said on a topic, in our words, with a short quote at most."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="statements")
    lab = models.ForeignKey(Lab, models.PROTECT, null=True, blank=True, related_name="statements")
    topic = models.CharField(max_length=40)
    summary = models.TextField()
    quote = models.TextField(blank=True, default="")
    venue = models.TextField(blank=True, default="")
    said_on = models.DateField()
    precision = models.CharField(max_length=5, choices=[(p.value, p.value) for p in Precision], default="day")

    class Meta(Fact.Meta):
        indexes = [*Fact.Meta.indexes, models.Index(fields=("-said_on",), name="statement_by_date")]


class News(Fact):
    """A lab's own notice, by title and address."""

    lab = models.ForeignKey(Lab, models.PROTECT, related_name="news")
    title = models.TextField()
    published_on = models.DateField(null=True, blank=True)
    precision = models.CharField(max_length=5, choices=[(p.value, p.value) for p in Precision], default="day")

    class Meta(Fact.Meta):
        verbose_name_plural = "news"
        indexes = [*Fact.Meta.indexes, models.Index(fields=("-published_on",), name="news_by_date")]


class LicenceText(Fact):
    """What a register or publisher says of a licence: its words, or flags, or both. `name` is the source's id of it."""

    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True, related_name="texts")
    model = models.ForeignKey(AIModel, models.PROTECT, null=True, blank=True, related_name="licence_texts")
    text = models.TextField(blank=True, default="")
    osi_approved = models.BooleanField(null=True, blank=True)
    fsf_libre = models.BooleanField(null=True, blank=True)
    category = models.TextField(blank=True, default="")


class Assessment(Fact):
    """What somebody who assesses openness says of a model, or of a lab, under one criterion of one rubric."""

    model = models.ForeignKey(AIModel, models.PROTECT, null=True, blank=True, related_name="assessments")
    lab = models.ForeignKey(Lab, models.PROTECT, null=True, blank=True, related_name="assessments")
    rubric = models.CharField(max_length=40)
    criterion = models.CharField(max_length=120)
    verdict = models.TextField()
    value = models.FloatField(null=True, blank=True)
    licence_words = models.TextField(blank=True, default="")
    assessed_on = models.DateField(null=True, blank=True)

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                name="assessment_is_of_somebody", condition=Q(model__isnull=False) | Q(lab__isnull=False)
            ),
        ]
        indexes = [*Fact.Meta.indexes, models.Index(fields=("model", "rubric"), name="assessment_of_model")]
