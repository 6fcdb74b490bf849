"""What was computed from the facts: index runs, what each believed of models and benchmarks, gaps, drawn charts."""

from datetime import UTC
from functools import reduce

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce, TruncDate

from tracker.models.entities import AIModel, Benchmark, Licence
from tracker.models.provenance import Leased, log_run


class IndexRuns(models.QuerySet["IndexRun"]):
    """Runs of the index, asked for those that a later one has made superfluous."""

    def replaced(self) -> "IndexRuns":
        """Those after which another run of the same day, UTC, knew more and was finished."""
        day = TruncDate("known_at", tzinfo=UTC)
        later = IndexRun.objects.filter(
            method=OuterRef("method"), known_at__gt=OuterRef("known_at"), state=IndexRun.State.DONE
        )
        return self.annotate(day=day).filter(Exists(later.annotate(later_day=day).filter(later_day=OuterRef("day"))))


class IndexRun(Leased):
    """One fit of the capability index over the facts known at `known_at`, as of the day `as_of`."""

    class State(models.TextChoices):
        DUE = "due", "waiting"
        READY = "ready", "headline computed"
        DONE = "done", "everything computed"

    known_at = models.DateTimeField()
    as_of = models.DateField(help_text="The day that lags are counted to: the last day benchmark data were confirmed.")
    data_version = models.PositiveBigIntegerField()
    method = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    historic = models.BooleanField(default=False, help_text="Of an earlier vintage; the facts known now are not in it.")
    regularisation = models.FloatField(null=True, blank=True, help_text="Lambda of the fit.")
    draws = models.PositiveIntegerField(null=True, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    scale = models.JSONField(default=dict, help_text="Anchors and the affine map onto the public scale.")
    observations = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True, blank=True, help_text="When a step of it was last brought to an end.")
    finished_at = models.DateTimeField(null=True, blank=True)
    planned_in = log_run("The run, in the logs, in which new facts made it due.")

    objects = IndexRuns.as_manager()

    class Meta:
        ordering = ("-known_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "known_at",
                    "data_version",
                    "method",
                ),
                name="one_run_per_vintage_and_method",
            ),
        ]
        indexes = [
            models.Index(
                fields=(
                    "state",
                    "-known_at",
                ),
                name="run_by_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} as known on {self.known_at:%Y-%m-%d}"


class IndexDraws(models.Model):
    """The central fit of one run, as NumPy's own file format, and which slices hold its draws: so that further
    questions need neither a second fit nor a second bootstrap."""

    run = models.OneToOneField(IndexRun, models.CASCADE, primary_key=True, related_name="draw_arrays")
    drawn_from = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Fingerprint of what the draws rest on."
    )
    centre = models.BinaryField(null=True, blank=True)
    answered_from = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Fingerprint of all that the run's answers follow from."
    )
    wanted = models.PositiveBigIntegerField(null=True, blank=True, help_text="How many draws the run needs in all.")
    packed = models.BinaryField(default=b"", help_text="All draws of a run from before there were slices.")

    def __str__(self) -> str:
        return f"draws of {self.run}"


class DrawSlice(models.Model):
    """Some of the draws that rest on the same scores: made in one go, kept as soon as they are there, shared by every
    run that stands on these scores. Those of the second index and of benchmaxxing are one run's,
    until it is done."""

    class Kind(models.TextChoices):
        ROWS = "rows", "scores drawn anew"
        WITHOUT = "without", "a benchmark left out"
        CLIMB = "climb", "second index: steps to its mode"
        SECOND = "second", "second index"
        MAXXING = "maxxing", "benchmaxxing: benchmarks weighed anew"

    drawn_from = models.CharField(max_length=64, help_text="Fingerprint of what they rest on.")
    kind = models.CharField(max_length=8, choices=Kind)
    first = models.PositiveBigIntegerField()
    count = models.PositiveBigIntegerField()
    packed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("drawn_from", "kind", "first"), name="one_slice_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first} to {self.first + self.count - 1}"


class ModelState(models.Model):
    """What one run believed of one model: its release facts, where they came from, and its index value, if any."""

    run = models.ForeignKey(IndexRun, models.CASCADE, related_name="models")
    model = models.ForeignKey(AIModel, models.CASCADE, related_name="states")
    released_on = models.DateField(null=True, blank=True)
    precision = models.CharField(max_length=5, blank=True, default="")
    access = models.CharField(max_length=24, blank=True, default="")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True, related_name="+")
    parameters = models.FloatField(null=True, blank=True)
    active_parameters = models.FloatField(null=True, blank=True)
    context = models.PositiveBigIntegerField(null=True, blank=True)
    open_means = models.JSONField(default=list, help_text="The openness cuts under which the model counts as open.")
    evidence = models.JSONField(default=dict, help_text="Field name to the id of the release fact that is believed.")
    conflicts = models.JSONField(default=list, help_text="Fields on which sources disagree.")
    scores = models.PositiveIntegerField(default=0)
    benchmarks = models.PositiveIntegerField(default=0)
    value = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    frontier = models.CharField(
        max_length=6, blank=True, default="", help_text="open or closed: a step of that frontier."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "run",
                    "model",
                ),
                name="one_state_per_run_and_model",
            ),
            models.CheckConstraint(name="model_state_frontier", condition=Q(frontier__in=("", "open", "closed"))),
        ]
        indexes = [
            models.Index(
                fields=(
                    "run",
                    "-value",
                ),
                name="model_state_by_value",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} in {self.run}"


# Whether any of what a model was made from has a licence that asks for more than the model's own carries on.
FLAGGED = Func(
    F("verdicts"),
    template="jsonb_path_exists(%(expressions)s, '$.lineage[*].flags[*]')",
    output_field=models.BooleanField(),
)


class OpennessState(models.Model):
    """What every rubric makes of one model's release, as one run believed its facts. A verdict is never entered."""

    run = models.ForeignKey(IndexRun, models.CASCADE, related_name="openness")
    model = models.ForeignKey(AIModel, models.CASCADE, related_name="openness")
    rung = models.PositiveSmallIntegerField(help_text="Of the ladder, 0 to 8.")
    blocker = models.TextField(blank=True, default="", help_text="The one step that would lift it to the next rung.")
    verdicts = models.JSONField(default=dict, help_text="Rubric to its verdict, as domain.rubrics gives it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("run", "model"), name="one_openness_per_run_and_model"),
            models.CheckConstraint(name="openness_rung", condition=Q(rung__gte=0, rung__lte=8)),
        ]
        indexes = [
            models.Index(fields=("run", "-rung"), name="openness_by_rung"),
            # Every verdict is thousands of letters: a page that counts the few flagged ones must not open them all.
            models.Index(fields=("run", "rung"), name="openness_flagged", condition=Q(FLAGGED)),
        ]

    def __str__(self) -> str:
        return f"rung {self.rung} of {self.model} in {self.run}"


class BenchmarkState(models.Model):
    """What one run believed of one benchmark: how much it still tells apart at the frontier."""

    run = models.ForeignKey(IndexRun, models.CASCADE, related_name="benchmarks")
    benchmark = models.ForeignKey(Benchmark, models.CASCADE, related_name="states")
    state = models.CharField(max_length=10, blank=True, default="")
    information = models.FloatField(null=True, blank=True)
    indistinguishable = models.FloatField(null=True, blank=True)
    headroom = models.FloatField(null=True, blank=True)
    difficulty = models.FloatField(null=True, blank=True)
    slope = models.FloatField(null=True, blank=True)
    model_count = models.PositiveIntegerField(default=0)
    score_count = models.PositiveIntegerField(default=0)
    best_open = models.FloatField(null=True, blank=True)
    best_open_model = models.ForeignKey(AIModel, models.CASCADE, null=True, blank=True, related_name="+")
    best_closed = models.FloatField(null=True, blank=True)
    best_closed_model = models.ForeignKey(AIModel, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "run",
                    "benchmark",
                ),
                name="one_state_per_run_and_benchmark",
            )
        ]

    def __str__(self) -> str:
        return f"{self.benchmark} in {self.run}"


# An answer as pages show it: every model's place, nearly all there is to read of it, is in `report`.
SHOWN = Coalesce("shown", "report")


def part_shown(*keys: str) -> KeyTransform:
    """What stands under these keys of an answer as pages show it, so that not all of it need leave the database."""
    first, *deeper = keys
    return reduce(lambda part, key: KeyTransform(key, part), deeper, KeyTransform(first, SHOWN))


class GapResult(models.Model):
    """The gap of one run under one question: scope, meaning of "open", region, size."""

    run = models.ForeignKey(IndexRun, models.CASCADE, related_name="gaps")
    scope = models.CharField(max_length=40, default="all")
    open_means = models.CharField(max_length=12, default="weights")
    region = models.CharField(max_length=10, blank=True, default="")
    max_parameters = models.FloatField(default=0, help_text="Open models up to this size; 0 is any.")
    report = models.JSONField()
    shown = models.JSONField(
        null=True, blank=True, help_text="The report with those of very many models alone that a page shows."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=(
                    "run",
                    "scope",
                    "open_means",
                    "region",
                    "max_parameters",
                ),
                name="one_gap_per_run_and_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope}, {self.open_means}, {self.run}"


class RunReport(models.Model):
    """What one run says of something other than a gap: benchmark health, the second index, scenarios, prices."""

    run = models.ForeignKey(IndexRun, models.CASCADE, related_name="reports")
    name = models.CharField(max_length=40)
    report = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("run", "name"), name="one_report_per_run_and_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.run}"


class Beat(models.Model):
    """When a worker last took up beat's question "what is due?": proof that both are alive."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
