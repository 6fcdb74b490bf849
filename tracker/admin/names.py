"""The queue of names that nobody has explained, and the names that are known."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker import curation
from tracker.admin import forms
from tracker.admin.desk import Desk, decided, reason_form
from tracker.admin.filters import Source, state_filter
from tracker.curation import Done, Refused
from tracker.models import Alias, Unresolved
from tracker.models.entities import Kind

Waiting = state_filter(Unresolved.State, default=Unresolved.State.WAITING)


@admin.register(Unresolved)
class UnresolvedAdmin(Desk):
    """Names that nobody has explained, those that hold up most rows first, decided by row, by page or by keystroke."""

    change_list_template = "admin/tracker/unresolved/change_list.html"
    list_display = ("name", "kind", "source", "rows", "suggested", "row")
    list_display_links = ("name",)
    list_filter = (Waiting, "kind", Source, ("suggestion", admin.EmptyFieldListFilter))
    list_select_related = ("endpoint__source", "suggestion__lab", "decided_by")
    list_per_page = 100
    search_fields = ("name", "suggestion__name")
    ordering = ("-rows", "name", "pk")
    actions = ("accept_suggestions", "ignore_names")
    action_form = reason_form(forms.Accept.usual)

    class Media:
        js = (Script("js/admin.js", defer=True),)

    @admin.display(ordering="endpoint__source__slug")
    def source(self, name: Unresolved) -> str:
        return name.endpoint.source.title

    @admin.display(description="suggestion, likeness", ordering="suggestion_score")
    def suggested(self, name: Unresolved) -> str:
        if name.suggestion is None:
            return "–"
        likeness = "" if name.suggestion_score is None else f", {name.suggestion_score:.0%}"
        return f"{name.suggestion} ({name.suggestion.lab}){likeness}"

    @admin.display(description="one of its rows")
    def row(self, name: Unresolved) -> SafeString:
        shown = [f"{field} {value}" for field, value in name.example.items() if field not in ("model", "key", "url")]
        return format_html('<span class="example">{}</span>', ", ".join(shown)[:160])

    @admin.action(description="Accept the suggested model", permissions=["decide"])
    def accept_suggestions(self, request: HttpRequest, queryset: QuerySet[Unresolved]) -> None:
        ready = queryset.filter(state=Unresolved.State.WAITING, suggestion__isnull=False)
        self._all(request, queryset, ready, curation.accept_suggestions, "accepted")

    @admin.action(description="Ignore", permissions=["decide"])
    def ignore_names(self, request: HttpRequest, queryset: QuerySet[Unresolved]) -> None:
        ready = queryset.filter(state=Unresolved.State.WAITING)
        self._all(request, queryset, ready, curation.ignore_names, "ignored")

    def _all(
        self,
        request: HttpRequest,
        chosen: QuerySet[Unresolved],
        ready: QuerySet[Unresolved],
        verb: Callable[..., Done],
        done: str,
    ) -> None:
        names, left = list(ready), chosen.count()
        reason = request.POST.get("reason", "")
        if self.carry_out(request, verb, names, reason=reason):
            self.message_user(request, f"{len(names)} name(s) {done}. The documents are read again.")
            if left := left - len(names):
                self.message_user(request, f"{left} left alone: no suggestion, or decided already.", messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        return [path("<int:number>/decide/", decide, name="tracker_unresolved_decide"), *super().get_urls()]

    def decide(self, request: HttpRequest, number: int) -> JsonResponse:
        """One keystroke of the list: accept or ignore; answers what was decided and where to undo it."""
        if request.method != "POST":
            return JsonResponse({"refused": "Ask by POST."}, status=405)
        verbs: dict[str, Callable[..., Done]] = {
            "accept": curation.accept_suggestions,
            "ignore": curation.ignore_names,
        }
        verb = verbs.get(request.POST.get("verb", ""))
        name = Unresolved(pk=number)
        if verb is None:
            return JsonResponse({"refused": "There is no such decision."}, status=400)
        try:
            done = decided(request, verb, [name], reason=request.POST.get("reason", ""))
        except Refused as refusal:
            return JsonResponse({"refused": str(refusal)}, status=409)
        (decision,) = done.decisions
        undo = reverse("admin:tracker_decision_undo", args=[decision.pk])
        return JsonResponse({"words": str(decision), "undo": undo})

    def row_page(self, request: HttpRequest, name: Unresolved) -> HttpResponse:
        sent = request.POST if request.method == "POST" else None
        shown = self._forms(name, sent)
        if sent is not None:
            form = shown.get(sent.get("verb", ""))
            if form is None:
                raise PermissionDenied
            if form.is_valid() and (done := self._decide(request, name, sent["verb"], form.cleaned_data)):
                self.message_user(request, f"{done.decisions[0]}. The documents are read again.")
                return self.back_to_list(request)
        same = Unresolved.objects.filter(kind=name.kind, key=name.key).select_related("endpoint__source")
        return self.page(
            request,
            "admin/tracker/unresolved/change_form.html",
            name,
            forms=shown,
            same=same,
            waiting=name.state == Unresolved.State.WAITING,
            adds=curation.would_add(name),
            media=sum((form.media for form in shown.values()), self.media),
        )

    def _forms(self, name: Unresolved, data: Any) -> dict[str, Any]:
        """The forms that fit the name, by verb; the one that was sent is bound."""

        def bound(verb: str, form: Any, **more: Any) -> Any:
            sent = data if data is not None and data.get("verb") == verb else None
            return form(sent, prefix=verb, **more)

        found = {}
        if name.suggestion is not None:
            found["accept"] = bound("accept", forms.Accept)
        found["explain"] = bound("explain", forms.Explain, name=name)
        if name.kind == Kind.MODEL:
            found["create"] = bound("create", forms.CreateModel, name=name)
            found["split"] = bound("split", forms.SplitSetting, name=name)
        found["ignore"] = bound("ignore", forms.Ignore)
        return found

    def _decide(self, request: HttpRequest, name: Unresolved, verb: str, told: dict[str, Any]) -> Done | None:
        if verb == "accept":
            return self.carry_out(request, curation.accept_suggestions, [name], **told)
        if verb == "ignore":
            return self.carry_out(request, curation.ignore_names, [name], **told)
        if verb == "create":
            return self.carry_out(request, curation.create_model, name, **told)
        if verb == "split":
            return self.carry_out(request, curation.split_setting, name, **told)
        return self.carry_out(request, curation.explain_name, name, told.pop("target"), **told)


@admin.register(Alias)
class AliasAdmin(Desk):
    """Every name that is known and what it means, to look at; `added_by` is blank where a file of the catalogue has
    it."""

    list_display = ("name", "kind", "means", "added_by")
    list_filter = ("kind", ("added_by", admin.EmptyFieldListFilter))
    list_select_related = ("model", "lab", "benchmark", "licence", "person")
    search_fields = ("name",)

    @admin.display(description="means")
    def means(self, alias: Alias) -> str:
        return str(getattr(alias, alias.kind))
