"""What facts are about: labs, models, benchmarks, licences, the names they go by, and the names nobody knows yet."""

from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from tracker.domain.definitions import Category, ItemAccess, Region, Unit
from tracker.domain.licence_terms import Answer, CommercialUse


def choices(values: type[StrEnum]) -> list[tuple[str, str]]:
    """The enum's values as a field's choices; each is its own label."""
    return [(value.value, value.value) for value in values]


def one_of(field: str, values: type[StrEnum], name: str) -> models.CheckConstraint:
    """A constraint that holds a column to an enum: choices alone are checked by forms only."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": [value.value for value in values]}))


class Lab(models.Model):
    """Who makes models. Its region is one side of every comparison of regions, as the catalogue assigns it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120, unique=True)
    country = models.CharField(max_length=80, blank=True, default="")
    region = models.CharField(max_length=10, choices=choices(Region))
    homepage = models.URLField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ("name",)
        constraints = [one_of("region", Region, "lab_region")]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody whose words are facts: statements are kept under the person, and under the lab they were with."""

    slug = models.SlugField(unique=True, max_length=100)
    name = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=160, blank=True, default="", help_text="What they are known for, in a phrase.")
    lab = models.ForeignKey(Lab, models.PROTECT, null=True, blank=True, related_name="people")
    homepage = models.URLField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name


class Family(models.Model):
    """A lab's line of models, such as its small ones or one name through its versions; the catalogue draws the line."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    lab = models.ForeignKey(Lab, models.PROTECT, related_name="families")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return self.name


class AIModel(models.Model):
    """The thing that was released on a date; effort, context and host belong to a score's setting or a price's host."""

    slug = models.SlugField(unique=True, max_length=100)
    name = models.CharField(max_length=160, unique=True)
    lab = models.ForeignKey(Lab, models.PROTECT, related_name="models")
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="models")
    identity_date = models.DateField(
        null=True, blank=True, help_text="Tells dated names apart; the believed release date is a fact, not this."
    )

    class Meta:
        ordering = ("name",)
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name


class Benchmark(models.Model):
    """A test and how its scores are to be read. What the catalogue shows a curator may hide."""

    slug = models.SlugField(unique=True, max_length=100)
    name = models.CharField(max_length=160, unique=True)
    category = models.CharField(max_length=20, choices=choices(Category))
    domain = models.CharField(max_length=40, blank=True, default="")
    unit = models.CharField(max_length=12, choices=choices(Unit))
    floor = models.FloatField(null=True, blank=True, help_text="What guessing scores, in the unit.")
    ceiling = models.FloatField(null=True, blank=True, help_text="The best possible score, in the unit.")
    lower_is_better = models.BooleanField(default=False)
    items = models.PositiveIntegerField(null=True, blank=True)
    access = models.CharField(max_length=14, choices=choices(ItemAccess))
    released_on = models.DateField(null=True, blank=True)
    homepage = models.URLField(max_length=300, blank=True, default="")
    maintainer = models.CharField(max_length=120, blank=True, default="")
    in_index = models.BooleanField(default=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    may_display = models.BooleanField(default=True)
    note = models.TextField(blank=True, default="")
    contamination = models.JSONField(
        default=list, blank=True, help_text="What is known of leaked questions: text, url and date of each finding."
    )

    class Meta:
        ordering = ("name",)
        constraints = [
            one_of("category", Category, "benchmark_category"),
            one_of("unit", Unit, "benchmark_unit"),
            one_of("access", ItemAccess, "benchmark_access"),
            models.CheckConstraint(
                name="benchmark_floor_under_ceiling",
                condition=Q(ceiling=None) | Q(floor=None) | Q(ceiling__gt=models.F("floor")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Licence(models.Model):
    """One version of a licence: terms as they were read, never a verdict."""

    slug = models.SlugField(unique=True, max_length=100)
    name = models.CharField(max_length=160, unique=True)
    spdx = models.CharField(max_length=60, blank=True, default="")
    url = models.URLField(max_length=400, blank=True, default="")
    osi_approved = models.CharField(max_length=6, choices=choices(Answer))
    commercial = models.CharField(max_length=12, choices=choices(CommercialUse))
    terms = models.JSONField(default=dict)

    class Meta:
        ordering = ("name",)
        constraints = [
            one_of("commercial", CommercialUse, "licence_commercial"),
            one_of("osi_approved", Answer, "licence_osi_approved"),
        ]

    def __str__(self) -> str:
        return self.name


class Setting(models.Model):
    """How a score was made: part of the score's identity, not of the model's name."""

    effort = models.TextField(blank=True, default="")
    budget = models.PositiveIntegerField(default=0, help_text="Thinking tokens; 0 is not stated.")
    mode = models.TextField(blank=True, default="")
    host = models.TextField(blank=True, default="")
    scaffold = models.TextField(blank=True, default="")
    shots = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "effort",
                    "budget",
                    "mode",
                    "host",
                    "scaffold",
                    "shots",
                ),
                name="one_row_per_setting",
            )
        ]

    def __str__(self) -> str:
        budget = f"{self.budget:,} thinking tokens" if self.budget else ""
        shots = f"{self.shots}-shot" if self.shots.isdigit() else self.shots
        parts = (self.effort, budget, self.mode, self.scaffold, shots, f"on {self.host}" if self.host else "")
        return ", ".join(part for part in parts if part)


class Kind(models.TextChoices):
    """What a name may name."""

    LAB = "lab"
    MODEL = "model"
    BENCHMARK = "benchmark"
    LICENCE = "licence"
    PERSON = "person"


class Alias(models.Model):
    """A name that somebody uses, and exactly what it means. `key` is the name normalised (`domain.names.normalise`)."""

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.TextField()
    name = models.TextField()
    lab = models.ForeignKey(Lab, models.CASCADE, null=True, blank=True, related_name="aliases")
    model = models.ForeignKey(AIModel, models.CASCADE, null=True, blank=True, related_name="aliases")
    benchmark = models.ForeignKey(Benchmark, models.CASCADE, null=True, blank=True, related_name="aliases")
    licence = models.ForeignKey(Licence, models.CASCADE, null=True, blank=True, related_name="aliases")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="aliases")
    added_by = models.CharField(max_length=150, blank=True, default="", help_text="Blank: the catalogue's files.")

    class Meta:
        ordering = ("kind", "key")
        verbose_name_plural = "aliases"
        # What the search asks: names that share most of their three-letter pieces with the words.
        indexes = [GinIndex(fields=("key",), opclasses=("gin_trgm_ops",), name="alias_by_trigrams")]
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "kind",
                    "key",
                ),
                name="a_name_means_one_thing",
            ),
            models.CheckConstraint(
                name="alias_names_what_its_kind_says",
                condition=(
                    Q(kind="lab", lab__isnull=False, model=None, benchmark=None, licence=None, person=None)
                    | Q(kind="model", lab=None, model__isnull=False, benchmark=None, licence=None, person=None)
                    | Q(kind="benchmark", lab=None, model=None, benchmark__isnull=False, licence=None, person=None)
                    | Q(kind="licence", lab=None, model=None, benchmark=None, licence__isnull=False, person=None)
                    | Q(kind="person", lab=None, model=None, benchmark=None, licence=None, person__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Unresolved(models.Model):
    """A name that a source used and nobody has explained yet; its rows wait with it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RESOLVED = "resolved"
        IGNORED = "ignored"

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.TextField()
    name = models.TextField()
    endpoint = models.ForeignKey("Endpoint", models.CASCADE, related_name="unresolved")
    first_snapshot = models.ForeignKey("Snapshot", models.PROTECT, related_name="+")
    last_snapshot = models.ForeignKey("Snapshot", models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField(help_text="How many rows of the last snapshot wait for this name.")
    example = models.JSONField(default=dict, help_text="One of those rows, in the source's words.")
    suggestion = models.ForeignKey(AIModel, models.SET_NULL, null=True, blank=True, related_name="+")
    suggestion_score = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("-rows", "name")
        verbose_name = "unresolved name"
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "endpoint",
                    "kind",
                    "key",
                ),
                name="one_unresolved_row_per_name",
            ),
            models.CheckConstraint(
                name="unresolved_who_and_when_together",
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
