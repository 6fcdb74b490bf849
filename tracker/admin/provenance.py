"""Sources with their switches, their addresses, and what is wrong with them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tracker import curation
from tracker.admin.desk import Desk, reason_form
from tracker.models import Alarm, Endpoint, Source


@admin.register(Source)
class SourceAdmin(Desk):
    list_display = ("title", "publisher", "enabled", "may_display", "data_licence", "every")
    list_filter = ("enabled", "may_display")
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
    list_display = ("url", "source", "checked_at", "confirmed_at", "due_at", "last_error")
    list_filter = (("source", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("source",)
    search_fields = ("url",)
    exclude = ("lease_until", "lease_by")


@admin.register(Alarm)
class AlarmAdmin(Desk):
    list_display = ("message", "kind", "severity", "source", "opened_at", "closed_at", "acknowledged_by")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "severity", "kind")
    list_select_related = ("source", "acknowledged_by")
    search_fields = ("message", "subject")
    ordering = ("-opened_at", "-pk")
    actions = ("acknowledge",)
    action_form = reason_form("Known, and being seen to")

    @admin.action(description="Acknowledge: no letter about it", permissions=["decide"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> None:
        alarms = list(queryset)
        if self.carry_out(request, curation.acknowledge_alarms, alarms, reason=request.POST.get("reason", "")):
            self.message_user(request, f"{len(alarms)} alarm(s) acknowledged.")
