"""Alarms at the desk, with the button that takes note of one, and the shapes of documents that they are told from."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from tracker import curation
from tracker.admin.desk import Desk, reason_form
from tracker.admin.filters import standing_filter
from tracker.admin.forms import Reasoned
from tracker.models import Alarm, DocumentShape, Snapshot

STATES = {
    "open": ("Open, nobody has taken note", Q(closed_at=None, acknowledged_at=None)),
    "acknowledged": ("Open, acknowledged", Q(closed_at=None, acknowledged_at__isnull=False)),
    "healed": ("Healed", Q(closed_at__isnull=False)),
    "all": ("All", Q()),
}


class Acknowledge(Reasoned):
    """Why the operator need not be written to about an alarm."""

    usual = "Known, and being seen to"


class Odd(admin.SimpleListFilter):
    """Whether anything about the document differed from the last good ones."""

    title = "findings"
    parameter_name = "odd"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Something was odd"), ("no", "Nothing was odd")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.exclude(findings=[])
        return queryset.filter(findings=[]) if self.value() == "no" else queryset


@admin.register(Alarm)
class AlarmAdmin(Desk):
    """The list begins with the open alarms that nobody has taken note of. Taking note stops letters and heals
    nothing."""

    list_display = ("kind", "severity", "source", "message", "opened_at", "closed_at", "acknowledged_by")
    list_filter = (
        standing_filter(STATES, default="open"),
        "severity",
        "kind",
        ("source", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("source", "acknowledged_by")
    search_fields = ("message", "subject")
    ordering = ("-opened_at", "-pk")
    actions = ("acknowledge",)
    action_form = reason_form(Acknowledge.usual)

    @admin.action(description="Acknowledge: no letter about it", permissions=["decide"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> None:
        alarms = list(queryset)
        if self.carry_out(request, curation.acknowledge_alarms, alarms, reason=request.POST.get("reason", "")):
            self.message_user(request, f"{len(alarms)} alarm(s) acknowledged.")

    def row_page(self, request: HttpRequest, alarm: Alarm) -> HttpResponse:
        form = Acknowledge(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            done = self.carry_out(request, curation.acknowledge_alarms, [alarm], **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        return self.page(
            request,
            "admin/tracker/alarm/change_form.html",
            alarm,
            form=form,
            quarantined=alarm.snapshot is not None and alarm.snapshot.state == Snapshot.State.QUARANTINED,
            waits=alarm.closed_at is None and alarm.acknowledged_at is None,
        )


@admin.register(DocumentShape)
class DocumentShapeAdmin(Desk):
    """What each document looked like when it was read, to look at: there is nothing to decide."""

    list_display = ("snapshot", "newest", "odd")
    list_filter = (Odd,)
    list_select_related = ("snapshot__endpoint",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Of a list's rows only what it shows: shapes are long.
        rows = super().get_queryset(request)
        return rows if request.resolver_match and request.resolver_match.kwargs else rows.defer("shape")

    @admin.display(description="what was odd")
    def odd(self, shape: DocumentShape) -> str:
        return ", ".join(found["kind"] for found in shape.findings)
