"""What facts are about. The catalogue's files define these; the desk shows them and switches what may be switched."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tracker import curation
from tracker.admin.desk import Desk
from tracker.models import AIModel, Benchmark, Family, Lab, Licence, Person


@admin.register(Lab)
class LabAdmin(Desk):
    """Labs of the catalogue, to look at: names of others wait to be explained."""

    list_display = ("name", "slug", "country", "region")
    list_filter = ("region",)
    search_fields = ("name", "slug")


@admin.register(Person)
class PersonAdmin(Desk):
    """People whose statements are collected, to look at."""

    list_display = ("name", "slug", "role", "lab")
    list_select_related = ("lab",)
    search_fields = ("name", "slug")


@admin.register(Family)
class FamilyAdmin(Desk):
    """Families of models, to look at."""

    list_display = ("name", "slug", "lab")
    list_select_related = ("lab",)
    search_fields = ("name", "slug")


@admin.register(AIModel)
class AIModelAdmin(Desk):
    """Models, to look at: those of the catalogue and those that curators created or adopted."""

    list_display = ("name", "slug", "lab", "family", "identity_date")
    list_filter = ("lab__region",)
    list_select_related = ("lab", "family")
    search_fields = ("name", "slug")


@admin.register(Licence)
class LicenceAdmin(Desk):
    """Licences of the catalogue with the terms read in them, to look at; a text is read at the licence texts."""

    list_display = ("name", "slug", "spdx", "osi_approved", "commercial")
    list_filter = ("osi_approved", "commercial")
    search_fields = ("name", "slug")


@admin.register(Benchmark)
class BenchmarkAdmin(Desk):
    """Benchmarks, and the switch that hides a benchmark's scores. It cannot show what the catalogue's file hides."""

    list_display = ("name", "slug", "category", "unit", "access", "in_index", "may_display")
    list_filter = ("category", "in_index", "may_display")
    search_fields = ("name", "slug")
    actions = ("hide", "show")

    @admin.action(description="Hide its scores", permissions=["decide"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Benchmark]) -> None:
        self._switch(request, queryset, shown=False)

    @admin.action(description="Show its scores again", permissions=["decide"])
    def show(self, request: HttpRequest, queryset: QuerySet[Benchmark]) -> None:
        self._switch(request, queryset, shown=True)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Benchmark], *, shown: bool) -> None:
        reason = request.POST.get("reason", "")
        for benchmark in queryset:
            done = self.carry_out(request, curation.switch_benchmark_display, benchmark, shown=shown, reason=reason)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
