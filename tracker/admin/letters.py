"""The outbox at the desk: letters by state, and the decision about those in doubt or given up."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from tracker import curation
from tracker.admin.desk import Desk, reason_form
from tracker.admin.filters import standing_filter
from tracker.admin.forms import Reasoned
from tracker.models import DomainPace, Letter

State = Letter.State
STATES = {
    "open": ("In doubt or given up", Q(state__in=(State.AMBIGUOUS, State.DEAD))),
    **{state.value: (str(state.label).capitalize(), Q(state=state)) for state in State},
    "all": ("All", Q()),
}


class Settle(Reasoned):
    """How one knows whether a letter arrived."""

    usual = "The mail server’s log says so"


@admin.register(Letter)
class LetterAdmin(Desk):
    """Readers are numbers here: who they are is on their own pages."""

    list_display = ("id", "week", "reader", "domain", "state", "attempts", "handed_at", "settled_at", "last_error")
    list_filter = (standing_filter(STATES, default="open"), ("issue__week", admin.AllValuesFieldListFilter))
    search_fields = ("message_id", "domain", "last_error")
    ordering = ("-pk",)
    actions = ("arrived", "send_again")
    action_form = reason_form(Settle.usual)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # What an issue says is long, and no row of a list shows it.
        return super().get_queryset(request).select_related("issue").defer("issue__content")

    @admin.display(description="week", ordering="issue__week")
    def week(self, letter: Letter) -> str:
        return letter.issue.week

    @admin.display(description="reader", ordering="subscriber")
    def reader(self, letter: Letter) -> str:
        return f"{letter.subscriber_id}" if letter.subscriber_id else "erased"

    @admin.action(description="They arrived", permissions=["decide"])
    def arrived(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        self._settle(request, list(queryset), resend=False)

    @admin.action(description="Send them again", permissions=["decide"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        self._settle(request, list(queryset), resend=True)

    def _settle(self, request: HttpRequest, letters: list[Letter], *, resend: bool) -> None:
        told = {"resend": resend, "reason": request.POST.get("reason", "")}
        if self.carry_out(request, curation.settle_letters, letters, **told):
            self.message_user(request, f"{len(letters)} letter(s) settled.")

    def row_page(self, request: HttpRequest, letter: Letter) -> HttpResponse:
        verb = request.POST.get("verb", "") if request.method == "POST" else ""
        forms = {name: Settle(request.POST if verb == name else None, prefix=name) for name in ("arrived", "again")}
        if verb in forms and forms[verb].is_valid():
            told = {"resend": verb == "again", **forms[verb].cleaned_data}
            done = self.carry_out(request, curation.settle_letters, [letter], **told)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return HttpResponseRedirect(request.get_full_path())
        return self.page(
            request,
            "admin/tracker/letter/change_form.html",
            letter,
            **forms,
            doubtful=letter.state == State.AMBIGUOUS,
            resendable=letter.state in (State.AMBIGUOUS, State.DEAD) and letter.subscriber_id is not None,
        )


@admin.register(DomainPace)
class DomainPaceAdmin(Desk):
    """When each mail domain may be written to next, those that asked for rest most often first."""

    list_display = ("domain", "next_at", "refused")
    search_fields = ("domain",)
    ordering = ("-refused", "domain")
