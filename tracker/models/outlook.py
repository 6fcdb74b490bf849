"""What the product says of the days to come and of what it noticed: forecasts, scenarios, insights."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tracker.models.results import IndexRun


class Forecast(models.Model):
    """A figure for a day to come, as one method gave it when it was registered; its score once that day has passed.

    What was registered is never changed: only `observed`, `score` and the run that they stand on are filled in later.
    """

    method = models.CharField(
        max_length=40, help_text="Of domain.forecasts, or the slug of the claim it was taken from."
    )
    question = models.CharField(max_length=60, help_text="One of domain.forecasts' questions.")
    made_on = models.DateField()
    due = models.DateField()
    run = models.ForeignKey(IndexRun, models.SET_NULL, null=True, blank=True, related_name="forecasts")
    prediction = models.JSONField(help_text="Quantiles by level, or a probability, in the question's unit.")
    observed = models.FloatField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True, help_text="By the question's proper rule; smaller is better.")
    scored_by = models.ForeignKey(IndexRun, models.SET_NULL, null=True, blank=True, related_name="scored_forecasts")
    scored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("due", "question", "method", "made_on")
        constraints = [
            models.UniqueConstraint(
                fields=("method", "question", "made_on", "due"), name="one_forecast_per_method_question_and_day"
            ),
            models.CheckConstraint(name="forecast_of_a_later_day", condition=Q(due__gt=models.F("made_on"))),
            models.CheckConstraint(
                name="forecast_scored_with_what_was_observed",
                condition=Q(observed=None, score=None, scored_at=None)
                | Q(observed__isnull=False, score__isnull=False, scored_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} on {self.question} for {self.due}"


class Scenario(models.Model):
    """One possible future with the indicators that would show it coming, as its file declares them."""

    slug = models.SlugField(unique=True, max_length=100)
    title = models.CharField(max_length=160)
    summary = models.TextField()
    definition = models.JSONField(help_text="As its file in tracker/catalog/scenarios declares it.")
    listed = models.BooleanField(default=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.title


class Insight(models.Model):
    """Something worth knowing that the data showed, or that a curator wrote. `key` makes a finding appear once."""

    class Horizon(models.TextChoices):
        NOW = "now", "now"
        MONTHS = "months", "in months"
        YEARS = "years", "in years"

    key = models.CharField(max_length=200, unique=True, help_text="Kind and subject of the finding; a curator's: free.")
    slug = models.SlugField(unique=True, max_length=120)
    kind = models.CharField(max_length=40)
    found_on = models.DateField()
    title = models.CharField(max_length=200)
    summary = models.TextField(help_text="The TL;DR.")
    evidence = models.JSONField(default=list, help_text="text and url of each piece.")
    impact = models.TextField(blank=True, default="")
    horizon = models.CharField(max_length=8, choices=Horizon, default=Horizon.NOW)
    tags = models.JSONField(default=list)
    subjects = models.JSONField(default=list, help_text="kind:slug of what it is about; related ones share some.")
    weight = models.FloatField(default=0, help_text="How much it changes what one believes; larger is more.")
    run = models.ForeignKey(IndexRun, models.SET_NULL, null=True, blank=True, related_name="insights")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    edited = models.JSONField(default=list, help_text="Fields that a curator wrote and the data no longer touch.")
    known_from = models.DateTimeField()
    listed = models.BooleanField(default=True)

    class Meta:
        ordering = ("-found_on", "-weight", "slug")
        indexes = [models.Index(fields=("-found_on",), name="insight_by_date")]

    def __str__(self) -> str:
        return self.title
