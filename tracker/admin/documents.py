"""Documents: those in quarantine, with what differs and two buttons, and all of them, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from tracker import curation
from tracker.admin.desk import Desk, reason_form
from tracker.admin.filters import Source, state_filter
from tracker.admin.forms import Reasoned
from tracker.models import Comparison, DocumentShape, Quarantined, Snapshot

SUSPECT = (Snapshot.State.QUARANTINED, Snapshot.State.REJECTED)
Suspect = state_filter(Snapshot.State, default=Snapshot.State.QUARANTINED)


class Judge(Reasoned):
    """Why a document in quarantine is accepted or rejected."""

    usual = "Compared with the publisher’s page"


@admin.register(Quarantined)
class QuarantinedAdmin(Desk):
    """Documents that failed a guard; the list begins with those that wait. A row's page says what differs from the last
    good one."""

    list_display = ("document", "source", "fetched_at", "guard", "state")
    list_filter = (Suspect, Source)
    list_select_related = ("endpoint__source",)
    ordering = ("-pk",)
    actions = ("reject_documents",)
    action_form = reason_form(Judge.usual)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(state__in=SUSPECT)

    @admin.display(description="address", ordering="endpoint__url")
    def document(self, snapshot: Snapshot) -> str:
        return snapshot.endpoint.url

    @admin.display(ordering="endpoint__source__slug")
    def source(self, snapshot: Snapshot) -> str:
        return snapshot.endpoint.source.title

    @admin.display(description="why")
    def guard(self, snapshot: Snapshot) -> str:
        return snapshot.message[:200]

    @admin.action(description="Reject", permissions=["decide"])
    def reject_documents(self, request: HttpRequest, queryset: QuerySet[Snapshot]) -> None:
        reason, rejected = request.POST.get("reason", ""), 0
        for snapshot in queryset:
            rejected += self.carry_out(request, curation.reject_quarantined, snapshot, reason=reason) is not None
        if rejected:
            self.message_user(request, f"{rejected} document(s) rejected; they are kept.")

    def row_page(self, request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
        verbs = {"accept": curation.accept_quarantined, "reject": curation.reject_quarantined}
        form = Judge(request.POST if request.method == "POST" else None)
        verb = verbs.get(request.POST.get("verb", ""))
        if request.method == "POST" and verb is not None and form.is_valid():
            done = self.carry_out(request, verb, snapshot, **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        shape = DocumentShape.objects.filter(snapshot=snapshot.pk).first()
        compared = Comparison.objects.filter(snapshot=snapshot.pk).select_related("before").first()
        return self.page(
            request,
            "admin/tracker/quarantined/change_form.html",
            snapshot,
            form=form,
            compared=compared,
            report=compared.report if compared else {},
            drifted=bool(shape and shape.findings),
            # The worst are in the reason already.
            findings=[found for found in shape.findings if found["message"] not in snapshot.message] if shape else [],
            waits=snapshot.state == Snapshot.State.QUARANTINED,
            may_accept=snapshot.counts.get("refused_by") == "shrinkage",
        )


@admin.register(Snapshot)
class SnapshotAdmin(Desk):
    """Every document that was kept, to look at. The bytes are not here: /snapshots/ hands on those that it may."""

    list_display = ("fetched_at", "document", "source", "state", "ingested_at", "guard")
    list_filter = ("state", Source)
    list_select_related = ("endpoint__source",)
    ordering = ("-pk",)
    # By the id of a run in the logs, or how it begins. No help text: axe takes it for the box's only label.
    search_fields = ("^collected_in", "^read_in")
    exclude = ("blob", "lease_until", "lease_by", "not_before")
    document, source, guard = QuarantinedAdmin.document, QuarantinedAdmin.source, QuarantinedAdmin.guard
