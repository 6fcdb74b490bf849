"""What was read in licence texts: curators' readings, each kept beside the others, and changes that were noticed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tracker.models.entities import AIModel, Lab, Licence
from tracker.models.facts import LicenceText


class LicenceReading(models.Model):
    """One curator's reading of one text. Two may disagree: both stand, and the pages say so.

    `terms` holds the fields of `domain.licence_terms.LicenceDefinition` that were read, `clauses` the short quotes that
    they rest on.
    """

    text = models.ForeignKey(LicenceText, models.PROTECT, null=True, blank=True, related_name="readings")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True, related_name="readings")
    text_sha256 = models.CharField(max_length=64, help_text="Of the normalised text that was read.")
    terms = models.JSONField()
    clauses = models.JSONField(default=list)
    note = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="licence_readings")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("text_sha256", "by"), name="one_reading_per_text_and_curator", condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                name="reading_is_of_something", condition=Q(text__isnull=False) | Q(licence__isnull=False)
            ),
            models.CheckConstraint(name="reading_sha256_is_hex", condition=Q(text_sha256__regex=r"^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return f"{self.licence or self.text} as read by {self.by}"


class LicenceChange(models.Model):
    """A licence or use-policy text that came with other words than the time before, and what that changes."""

    before = models.ForeignKey(LicenceText, models.PROTECT, related_name="+")
    after = models.OneToOneField(LicenceText, models.PROTECT, related_name="change")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True, related_name="changes")
    model = models.ForeignKey(AIModel, models.PROTECT, null=True, blank=True, related_name="licence_changes")
    lab = models.ForeignKey(Lab, models.PROTECT, null=True, blank=True, related_name="licence_changes")
    found_at = models.DateTimeField()
    report = models.JSONField(help_text="Clauses added, removed and changed; terms gained and lost.")

    class Meta:
        ordering = ("-found_at", "-pk")
        indexes = [models.Index(fields=("-found_at",), name="licence_change_by_time")]

    def __str__(self) -> str:
        return f"{self.after.name} changed on {self.found_at:%Y-%m-%d}"
