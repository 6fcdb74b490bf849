"""Everything that was decided, and the button that takes it back."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from tracker import curation
from tracker.admin.desk import Desk, decided
from tracker.admin.forms import Reasoned
from tracker.curation import Refused
from tracker.models import Decision


class Undo(Reasoned):
    """Why a decision is taken back; the queue's keystroke, which asks for no reason, gives the usual one."""

    usual = "Decided by mistake"


@admin.register(Decision)
class DecisionAdmin(Desk):
    """The ledger, the newest first. Each decision but an undoing can be taken back, on its page or from the queue."""

    list_display = ("words", "kind", "by", "at", "reason", "undone")
    list_filter = ("kind", ("undone_by", admin.EmptyFieldListFilter), ("by", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("by", "undone_by")
    search_fields = ("words", "reason")
    ordering = ("-at", "-pk")

    @admin.display(description="undone", boolean=True)
    def undone(self, decision: Decision) -> bool:
        return hasattr(decision, "undone_by")

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(self.undo)
        return [path("<int:number>/undo/", undo, name="tracker_decision_undo"), *super().get_urls()]

    def undo(self, request: HttpRequest, number: int) -> JsonResponse:
        """One keystroke of the queue's list."""
        if request.method != "POST":
            return JsonResponse({"refused": "Ask by POST."}, status=405)
        decision = Decision.objects.filter(pk=number).first()
        if decision is None:
            return JsonResponse({"refused": "There is no such decision."}, status=404)
        try:
            done = decided(request, curation.undo, decision, reason=Undo.usual)
        except Refused as refusal:
            return JsonResponse({"refused": str(refusal)}, status=409)
        return JsonResponse({"words": str(done.decisions[0])})

    def row_page(self, request: HttpRequest, decision: Decision) -> HttpResponse:
        form = Undo(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            done = self.carry_out(request, curation.undo, decision, **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        rows = [
            (name, field, (decision.before[name] or {}).get(field), (after or {}).get(field))
            for name, after in sorted(decision.after.items())
            for field in sorted({*(decision.before[name] or {}), *(after or {})})
        ]
        return self.page(
            request,
            "admin/tracker/decision/change_form.html",
            decision,
            form=form,
            rows=rows,
            undone_by=getattr(decision, "undone_by", None),
            undoable=decision.kind != Decision.Kind.UNDO and not hasattr(decision, "undone_by"),
        )
