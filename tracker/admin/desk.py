"""What every page of the desk has in common: tables are read, and changed by decisions only."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models, transaction
from django.forms import CharField, TextInput
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property

from tracker import tasks
from tracker.curation import Done, Refused
from tracker.models import Decision

# More rows than anybody pages through: who looks for more narrows the list.
MOST_COUNTED = 10_000
DECIDE = "tracker.add_decision"


class ShortPaginator(Paginator):
    """Counts no further than a person reads: counting two million scores for a page number takes a second."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list[: MOST_COUNTED + 1].count())  # type: ignore[call-arg, arg-type]


class ReasonActionForm(ActionForm):
    reason = CharField(
        required=False, max_length=500, label="Reason", widget=TextInput(attrs={"size": 44, "autocomplete": "off"})
    )


class Desk(admin.ModelAdmin):
    """A table to look at. Whoever may decide finds actions and forms, each of which calls one verb of `curation`."""

    show_full_result_count = False
    paginator = ShortPaginator
    list_per_page = 50
    actions_selection_counter = True
    view_on_site = False
    usual_reason = ""

    class Media:
        js = ("js/admin.js",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff and request.user.has_perm(DECIDE)  # type: ignore[union-attr]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.list_select_related) if self._one_row(request) else queryset

    def _one_row(self, request: HttpRequest) -> bool:
        return bool(
            request.resolver_match and "object_id" in request.resolver_match.kwargs and self.list_select_related
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        form = type("Form", (ReasonActionForm,), {"reason": _usual(self.usual_reason)})
        self.action_form = form
        return super().changelist_view(request, extra_context)

    def carry_out(self, request: HttpRequest, verb: Callable[[], Done]) -> Done | None:
        """Decide and wake the workers; where the decision is refused say why and return None."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        try:
            done = verb()
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return None
        wake(done)
        return done

    def back_to_list(self, request: HttpRequest) -> HttpResponseRedirect:
        """The list as it was left, its filters included."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        kept = request.GET.get("_changelist_filters", "")
        return HttpResponseRedirect(f"{address}?{kept}" if kept else address)

    def page(self, request: HttpRequest, template: str, row: models.Model, **context: Any) -> TemplateResponse:
        """A page about one row that has forms of its own."""
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": row,
                "title": str(row),
                "may_decide": self.has_decide_permission(request),
                "media": self.media,
                **context,
            },
        )

    def row_or_403(self, request: HttpRequest, object_id: str) -> Any:
        """The row that the address names, None where there is none."""
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.row_or_403(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        story = f"{row._meta.concrete_model._meta.model_name}:{row.pk}"
        decisions = Decision.objects.filter(concerns__contains=[story]).select_related("by", "undone_by")[:200]
        return self.page(
            request, "admin/tracker/history.html", row, title=f"History of {row}", decisions=decisions, subtitle=None
        )


def _usual(reason: str) -> CharField:
    widget = TextInput(attrs={"size": 44, "autocomplete": "off"})
    return CharField(required=False, max_length=500, label="Reason", initial=reason, widget=widget)


def wake(done: Done) -> None:
    """Tell the workers after the commit. The work itself lies in the database and beat asks for it, so a broker that is
    away costs half a minute and never the decision."""
    messages = [partial(tasks.ingest_again.apply_async, (endpoint,), retry=False) for endpoint in done.endpoints]
    messages += [partial(tasks.ingest_snapshot.apply_async, (snapshot,), retry=False) for snapshot in done.snapshots]
    messages.append(partial(tasks.recompute_due.apply_async, retry=False))
    for message in messages:
        transaction.on_commit(message, robust=True)
