"""Models that news and hub listings seem to speak of: why, where it stands, and what becomes of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker import curation
from tracker.admin import forms
from tracker.admin.desk import Desk, reason_form
from tracker.admin.filters import state_filter
from tracker.curation import Done
from tracker.domain.proposals import Pattern
from tracker.models import ProposedRelease

Waiting = state_filter(ProposedRelease.State, default=ProposedRelease.State.WAITING)
SHOWN = 2  # sightings of a proposal in the list; its page has them all


class ByPattern(admin.SimpleListFilter):
    """By why the words may name a model, the surest first."""

    title = "why"
    parameter_name = "pattern"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(pattern.value, pattern.value) for pattern in Pattern]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pattern=self.value()) if self.value() else queryset


@admin.register(ProposedRelease)
class ProposedReleaseAdmin(Desk):
    """Proposals, the newest first: a row's page adopts one as a model or dismisses it, the list dismisses several."""

    list_display = ("name", "lab", "reason", "where", "found_at")
    list_filter = (Waiting, ByPattern, ("lab", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("lab",)
    search_fields = ("name", "lab__name")
    ordering = ("-found_at", "name")
    actions = ("dismiss_releases",)
    action_form = reason_form(forms.Dismiss.usual)

    class Media:
        js = (Script("js/admin.js", defer=True),)

    @admin.display(description="seen in")
    def where(self, proposal: ProposedRelease) -> SafeString:
        return format_html_join(" ", "{}", ((_link(seen),) for seen in proposal.seen_in[:SHOWN]))

    @admin.action(description="Dismiss", permissions=["decide"])
    def dismiss_releases(self, request: HttpRequest, queryset: QuerySet[ProposedRelease]) -> None:
        proposals = list(queryset)
        if self.carry_out(request, curation.dismiss_releases, proposals, reason=request.POST.get("reason", "")):
            self.message_user(request, f"{len(proposals)} proposal(s) dismissed; they are not proposed again.")

    def row_page(self, request: HttpRequest, proposal: ProposedRelease) -> HttpResponse:
        sent = request.POST if request.method == "POST" else None
        verb = sent.get("verb", "") if sent is not None else ""
        adopt = forms.AdoptRelease(sent if verb == "adopt" else None, prefix="adopt", proposal=proposal)
        dismiss = forms.Dismiss(sent if verb == "dismiss" else None, prefix="dismiss")
        if sent is not None:
            decide: dict[str, tuple[forms.Reasoned, Callable[..., Done], Any]] = {
                "adopt": (adopt, curation.adopt_release, proposal),
                "dismiss": (dismiss, curation.dismiss_releases, [proposal]),
            }
            if verb not in decide:
                raise PermissionDenied
            form, decision, about = decide[verb]
            if form.is_valid() and (done := self.carry_out(request, decision, about, **form.cleaned_data)):
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        return self.page(
            request,
            "admin/tracker/proposedrelease/change_form.html",
            proposal,
            adopt=adopt,
            dismiss=dismiss,
            seen=[(seen, _link(seen)) for seen in proposal.seen_in],
            waits=proposal.state == ProposedRelease.State.WAITING,
            media=adopt.media + self.media,
        )


def _link(seen: dict[str, str]) -> SafeString:
    """The words that name the model, and the page that they stand on: a script in an address is no address."""
    words, url = seen.get("words", ""), seen.get("url", "")
    if not url.startswith(("https://", "http://")):
        return format_html("<span>{}</span>", words)
    return format_html('<a href="{}" rel="noreferrer noopener">{}</a>', url, words)
