"""Sources with their switches, and their addresses."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tracker import curation
from tracker.admin.desk import Desk
from tracker.models import Endpoint, Source


@admin.register(Source)
class SourceAdmin(Desk):
    """Sources, and the switch that stops collecting from one. What it said before stays up."""

    list_display = ("title", "publisher", "enabled", "may_display", "may_hand_on", "rolling", "data_licence", "every")
    list_filter = ("enabled", "may_display", "may_hand_on")
    search_fields = ("title", "publisher", "slug")
    actions = ("switch_on", "switch_off")

    @admin.action(description="Switch on: collect from it", permissions=["decide"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._switch(request, queryset, enabled=True)

    @admin.action(description="Switch off: collect no more", permissions=["decide"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._switch(request, queryset, enabled=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Source], *, enabled: bool) -> None:
        reason = request.POST.get("reason", "")
        for source in queryset:
            done = self.carry_out(request, curation.switch_source, source, enabled=enabled, reason=reason)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")


@admin.register(Endpoint)
class EndpointAdmin(Desk):
    """The addresses that are collected, to look at: when each was asked and confirmed, and what went wrong last."""

    list_display = ("url", "source", "checked_at", "confirmed_at", "due_at", "last_error")
    list_filter = (("source", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("source",)
    search_fields = ("url",)
    exclude = ("lease_until", "lease_by")
