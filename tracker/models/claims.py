"""What people publish about open and closed models, as the catalogue enters it, and what each run makes of it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from tracker.models.results import IndexRun


class Claim(models.Model):
    """One sentence that data can test: who said it, when and where, and the test it was turned into."""

    slug = models.SlugField(unique=True, max_length=100)
    title = models.CharField(max_length=200, help_text="The claim in our own words.")
    quote = models.CharField(max_length=300, blank=True, default="", help_text="The author's own words, short.")
    author = models.CharField(max_length=120)
    said_on = models.DateField()
    precision = models.CharField(max_length=5, default="day")
    publication = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True, default="")
    topic = models.CharField(max_length=40)
    test = models.JSONField(help_text="As its file in tracker/catalog/claims declares it.")
    listed = models.BooleanField(default=True, help_text="Off: its file is gone; its verdicts stay.")

    class Meta:
        ordering = ("-said_on", "slug")
        indexes = [GinIndex(fields=("title",), opclasses=("gin_trgm_ops",), name="claim_by_trigrams")]

    def __str__(self) -> str:
        return self.title


class ClaimVerdict(models.Model):
    """What one run's data say of one claim. `reading` holds the figures and the evidence behind each."""

    class Verdict(models.TextChoices):
        HOLDS = "holds", "holds"
        FAILS = "fails", "fails"
        DEPENDS = "depends", "depends"
        UNTESTABLE = "untestable", "untestable"

    run = models.ForeignKey(IndexRun, models.CASCADE, related_name="verdicts")
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="verdicts")
    verdict = models.CharField(max_length=10, choices=Verdict)
    assumption = models.TextField(blank=True, default="", help_text="What the verdict turns on, where it depends.")
    reading = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("run", "claim"), name="one_verdict_per_run_and_claim"),
            models.CheckConstraint(
                name="verdict_that_depends_names_its_assumption", condition=~Q(verdict="depends", assumption="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.verdict}"
