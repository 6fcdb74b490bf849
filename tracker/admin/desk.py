"""What every page of the desk has in common: tables are read, and changed by decisions only."""

from collections.abc import Callable
from functools import reduce
from operator import or_
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
from django.utils import timezone
from django.utils.functional import cached_property

from tracker.curation import Done, Refused
from tracker.models import Decision

# More rows than anybody pages through: who looks for more narrows the list.
MOST_COUNTED = 10_000
DECIDE = "tracker.add_decision"


class ShortPaginator(Paginator):
    """Counts no further than a person reads: counting two million scores for a page number takes a second."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: MOST_COUNTED + 1].count())


def reason_form(usual: str) -> type[ActionForm]:
    """The form beside a list's actions: every decision says why, and most of one kind for the same reason."""
    widget = TextInput(attrs={"size": 44, "autocomplete": "off"})
    reason = CharField(required=False, max_length=500, label="Reason", initial=usual, widget=widget)
    return type("ReasonForm", (ActionForm,), {"reason": reason})


class Desk(admin.ModelAdmin):
    """A table to look at. Whoever may decide finds actions and forms, each of which calls one verb of `curation`."""

    show_full_result_count = False
    paginator = ShortPaginator
    list_per_page = 50
    actions_selection_counter = True
    view_on_site = False
    action_form = reason_form("")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}  # Django 6's own default

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may decide sees everything that decisions are about, tables that came later included."""
        return may_decide(request) or super().has_view_permission(request, obj)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return may_decide(request)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = super().get_queryset(request)
        related = self.list_select_related
        return queryset.select_related(*related) if isinstance(related, tuple) and related else queryset

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title[:1].upper() + title[1:], **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return self.row_page(request, row) or super().change_view(request, object_id, form_url, extra_context)

    def row_page(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """A row's own page, its forms taken in; None where Django's list of fields will do."""
        return None

    def carry_out(self, request: HttpRequest, verb: Callable[..., Done], *about: Any, **told: Any) -> Done | None:
        """Decide and wake the workers; where the decision is refused say why and return None."""
        try:
            return decided(request, verb, *about, **told)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return None

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
                "may_decide": may_decide(request),
                "media": self.media,
                **context,
            },
        )

    def stories(self, row: Any) -> list[str]:
        """What decisions concern that belong to the row's history, as `Decision.concerns` names it."""
        return [f"{row._meta.concrete_model._meta.model_name}:{row.pk}"]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        about = reduce(or_, (models.Q(concerns__contains=[story]) for story in self.stories(row)))
        decisions = Decision.objects.filter(about).select_related("by", "undone_by")[:200]
        return self.page(
            request, "admin/tracker/history.html", row, title=f"History of {row}", decisions=decisions, subtitle=None
        )


def may_decide(request: HttpRequest) -> bool:
    """Whether whoever asks is a curator: staff with the right to add decisions."""
    return request.user.is_staff and request.user.has_perm(DECIDE)


def decided(request: HttpRequest, verb: Callable[..., Done], *about: Any, **told: Any) -> Done:
    """Let whoever asks decide, now, and tell the workers. Raises PermissionDenied and Refused.

    The workers hear of it after the commit. The work itself lies in the database and beat asks for it, so a broker that
    is away costs half a minute and never the decision.
    """
    if not may_decide(request):
        raise PermissionDenied
    done = verb(*about, by=request.user, now=timezone.now(), **told)

    def wake() -> None:
        # All that the workers can do: not for every command that knows the desk.
        from tracker import tasks

        for endpoint in done.endpoints:
            tasks.ingest_again.apply_async((endpoint,), retry=False)
        for snapshot in done.snapshots:
            tasks.ingest_snapshot.apply_async((snapshot,), retry=False)
        tasks.recompute_due.apply_async(retry=False)

    transaction.on_commit(wake, robust=True)
    return done
