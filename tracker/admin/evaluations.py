"""Our own evaluations at the desk: asked for, watched, called off; the samples, and the machines that do them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from tracker import curation
from tracker.admin.desk import Desk, may_decide, reason_form
from tracker.admin.forms import Reasoned
from tracker.evals.suites import SUITES
from tracker.models import Evaluation, EvaluationHost, EvaluationSample, WeekSeed

MODES = Evaluation.Mode


class Wish(Reasoned):
    """What is to be run, as the command takes it."""

    usual = "Sources disagree: we measure it ourselves"
    model = forms.CharField(max_length=400, widget=forms.TextInput(attrs={"size": 60}))
    name = forms.CharField(max_length=200, required=False, help_text="What the model is called in the scores.")
    suite = forms.ChoiceField(choices=lambda: [(suite.slug, suite.title) for suite in SUITES.values()])
    engine = forms.CharField(initial="auto", max_length=20)
    device = forms.CharField(initial="auto", max_length=8)
    mode = forms.ChoiceField(choices=MODES.choices)
    temperature = forms.FloatField(initial=0.0, min_value=0.0, max_value=10.0)
    repeats = forms.IntegerField(initial=1, min_value=1)
    max_tokens = forms.IntegerField(initial=512, min_value=1)
    limit = forms.IntegerField(required=False, min_value=1, help_text="Questions; blank: all of the suite.")
    budget_tokens = forms.IntegerField(required=False, min_value=1)
    budget_seconds = forms.FloatField(required=False, min_value=0.0)
    secret = forms.BooleanField(required=False, label="This week’s secret series")


class CallOff(Reasoned):
    """Why a run is ended before its time."""

    usual = "Not needed any more"


@admin.register(Evaluation)
class EvaluationAdmin(Desk):
    """Our own runs, the newest first. Adding a row asks for a run, which a worker takes up; calling off keeps its
    answers."""

    list_display = (
        "id",
        "name",
        "suite",
        "mode",
        "state",
        "progress",
        "asked_at",
        "finished_at",
        "asked_by",
        "message",
    )
    list_filter = ("state", "suite", "mode")
    list_select_related = ("asked_by",)
    search_fields = ("name", "model", "message")
    ordering = ("-pk",)
    actions = ("call_off",)
    action_form = reason_form(CallOff.usual)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        answered = Count("samples", filter=Q(samples__finished_at__isnull=False))
        counted = super().get_queryset(request).annotate(all_samples=Count("samples"), answered=answered)
        return counted.defer("record", "summary")

    @admin.display(description="samples")
    def progress(self, row: Any) -> str:
        return f"{row.answered:,} of {row.all_samples:,}" if row.all_samples else "–"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_decide(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not may_decide(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form = Wish(sent, prefix="wish")
        if sent is not None and form.is_valid():
            done = self.carry_out(request, curation.ask_evaluation, **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        row = Evaluation(name="A new evaluation", suite="a suite")
        return self.page(request, "admin/tracker/evaluation/add_form.html", row, wish=form)

    @admin.action(description="Call them off", permissions=["decide"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Evaluation]) -> None:
        for row in queryset:
            reason = request.POST.get("reason", "")
            if (done := self.carry_out(request, curation.cancel_evaluation, row, reason=reason)) is not None:
                self.message_user(request, f"{done.decisions[0]}.")


@admin.register(EvaluationSample)
class EvaluationSampleAdmin(Desk):
    """Questions asked, to look at. Those of a secret series are not listed, not even when its week is over."""

    list_display = ("id", "evaluation_id", "item", "repeat", "state", "failure", "exact", "own", "seconds")
    list_filter = ("state",)
    search_fields = ("item", "failure")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The secret series stays secret at the desk too: whoever knows its questions can train on them.
        return super().get_queryset(request).defer("prompt", "text", "meta").filter(evaluation__week="")


@admin.register(EvaluationHost)
class EvaluationHostAdmin(Desk):
    """The machines whose workers have served the queue, to look at."""

    list_display = ("name", "first_seen", "seen_at")


@admin.register(WeekSeed)
class WeekSeedAdmin(Desk):
    """For which weeks a secret seed was drawn, and when. The seed itself is not shown here."""

    list_display = ("week", "drawn_at")
    fields = ("week", "drawn_at")
