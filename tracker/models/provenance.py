"""Where facts come from: sources, their documents, every answer they gave, and the work still to do on them."""

from django.db import models
from django.db.models import Q


class Leased(models.Model):
    """Work as a row: whoever sets `lease_until` by an UPDATE that hits the row has the work until then."""

    lease_until = models.DateTimeField(null=True, blank=True)
    lease_by = models.CharField(max_length=64, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True, help_text="No attempt before this time.")
    last_error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


def log_run(help_text: str) -> "models.CharField[str, str]":
    """The id that the logs' lines of some work have as `run`, kept with the row that came of it."""
    return models.CharField(max_length=64, blank=True, default="", db_default="", help_text=help_text)


class Source(models.Model):
    """A publisher's data set, as its file in tracker/sources declares it, plus what an operator may switch."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=200)
    homepage = models.URLField(max_length=500)
    data_licence = models.CharField(max_length=60)
    attribution = models.TextField(blank=True, default="")
    may_display = models.BooleanField(default=True)
    may_hand_on = models.BooleanField(default=True, help_text="The documents themselves may be downloaded here.")
    rolling = models.BooleanField(default=False, help_text="A window onto a longer list: what leaves it still holds.")
    enabled = models.BooleanField(default=True, help_text="Off: nothing is collected from it any more.")
    every = models.DurationField(null=True, blank=True, help_text="Blank: published once.")
    stale_after = models.DurationField(null=True, blank=True)

    class Meta:
        ordering = ("slug",)
        constraints = [
            # What nobody said may be published is not.
            models.CheckConstraint(
                name="shown_source_has_licence_and_publisher",
                condition=Q(may_display=False) | (~Q(data_licence="") & ~Q(publisher="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Endpoint(Leased):
    """One document of a source at one address; facts belong to an endpoint and are superseded within it."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="endpoints")
    url = models.CharField(max_length=500, unique=True)
    etag = models.CharField(max_length=300, blank=True, default="")
    last_modified = models.CharField(max_length=100, blank=True, default="")
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="Last attempt, whatever came of it.")
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="Last time the publisher's answer was known.")
    current = models.ForeignKey(
        "Snapshot", models.PROTECT, null=True, blank=True, related_name="+", help_text="The last one whose facts hold."
    )

    class Meta:
        ordering = ("source__slug", "url")

    def __str__(self) -> str:
        return self.url


class Blob(models.Model):
    """Bytes, stored once by their sha256, compressed with zlib."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    packed = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(name="blob_sha256_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$"))]

    def __str__(self) -> str:
        return self.sha256


class Snapshot(Leased):
    """One answer of an endpoint that differed from the one before."""

    class State(models.TextChoices):
        STORED = "stored", "waiting to be read"
        INGESTED = "ingested", "read"
        QUARANTINED = "quarantined", "kept, not believed"
        REJECTED = "rejected", "kept, rejected by a curator"
        OUTDATED = "outdated", "older than what was read already"

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="snapshots")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="snapshots")
    fetched_at = models.DateTimeField()
    media_type = models.CharField(max_length=120, blank=True, default="")
    original_sha256 = models.CharField(
        max_length=64, blank=True, default="", help_text="Of the publisher's bytes, where these are our record file."
    )
    state = models.CharField(max_length=12, choices=State, default=State.STORED)
    message = models.TextField(blank=True, default="")
    ingested_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, help_text="Records by kind, rows resolved, waiting, new, closed.")
    collected_in = log_run("The run, in the logs, in which it was collected.")
    read_in = log_run("The run, in the logs, in which it was read.")

    class Meta:
        ordering = ("-fetched_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "endpoint",
                    "fetched_at",
                ),
                name="one_snapshot_per_endpoint_and_time",
            ),
            models.CheckConstraint(
                name="snapshot_ingested_at_iff_ingested",
                condition=Q(state="ingested", ingested_at__isnull=False)
                | (~Q(state="ingested") & Q(ingested_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=(
                    "state",
                    "not_before",
                ),
                name="snapshot_waiting",
                condition=Q(state="stored"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} at {self.fetched_at:%Y-%m-%d %H:%M}"


class Fetch(models.Model):
    """One attempt to collect an endpoint, kept so that a failure is a row people can see."""

    class Outcome(models.TextChoices):
        CHANGED = "changed", "new document"
        UNCHANGED = "unchanged", "not changed"
        FAILED = "failed", "failed, will be tried again"
        REFUSED = "refused", "refused"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="fetches")
    started_at = models.DateTimeField()
    seconds = models.FloatField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    message = models.TextField(blank=True, default="")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, blank=True, related_name="fetches")
    asked_in = log_run("The run, in the logs, in which the publisher was asked.")

    class Meta:
        ordering = ("-started_at", "-pk")
        indexes = [
            models.Index(
                fields=(
                    "endpoint",
                    "-started_at",
                ),
                name="fetch_of_endpoint",
            )
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.outcome}"


class HostPace(models.Model):
    """When a host may be asked next; shared by every worker, so that together they stay polite."""

    host = models.CharField(max_length=255, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host


class DataVersion(models.Model):
    """One row: a number raised in every transaction that changes public facts; part of every page's ETag."""

    value = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="one_data_version", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.value)
