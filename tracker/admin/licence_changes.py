"""Licence texts that came with other words: what differs, what that allows or forbids, who has read it."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse

from tracker.admin.desk import Desk
from tracker.admin.filters import ALL, standing_filter
from tracker.admin.licences import said
from tracker.curation.licences import LONGEST, beside, standing
from tracker.domain.licence_text import clauses
from tracker.models import LicenceChange, LicenceReading

READ = Q(report__terms="read") | Q(Exists(LicenceReading.objects.filter(text=OuterRef("after"), withdrawn_at=None)))
STATES = {
    ALL: ("All", Q()),
    "waits": ("New words that nobody has read", ~READ),
    "read": ("Read", READ),
}
# What the report calls the terms that differ, and what the desk does.
TERMS = (("forbidden_now", "forbids now"), ("allowed_now", "allows now"), ("other_terms", "says otherwise"))


class Source(admin.SimpleListFilter):
    """By whose document the new words stand in."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sources = LicenceChange.objects.order_by("after__endpoint__source__title")
        return list(sources.values_list("after__endpoint__source__slug", "after__endpoint__source__title").distinct())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(after__endpoint__source__slug=self.value()) if self.value() else queryset


@admin.register(LicenceChange)
class LicenceChangeAdmin(Desk):
    """New words of known texts; the list begins with those that nobody has read. What they mean is decided at the
    text's page."""

    list_display = ("what", "licence", "model", "lab", "forbids", "allows", "found_at")
    list_filter = (standing_filter(STATES, default="waits"), Source)
    list_select_related = ("after", "licence", "model", "lab")
    search_fields = ("after__name", "licence__name", "model__name", "lab__name")
    ordering = ("-found_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("before__text", "after__text")

    @admin.display(description="text", ordering="after__name")
    def what(self, change: LicenceChange) -> str:
        return change.after.name

    @admin.display(description="forbids now")
    def forbids(self, change: LicenceChange) -> str:
        return _fields(change, "forbidden_now")

    @admin.display(description="allows now")
    def allows(self, change: LicenceChange) -> str:
        return _fields(change, "allowed_now")

    def stories(self, row: LicenceChange) -> list[str]:
        # What is decided of a change is how its texts are read.
        return [*super().stories(row), f"licencetext:{row.before_id}", f"licencetext:{row.after_id}"]

    def row_page(self, request: HttpRequest, change: LicenceChange) -> HttpResponse:
        before, after = change.before, change.after
        return self.page(
            request,
            "admin/tracker/licencechange/change_form.html",
            change,
            found=beside(clauses(after.text[:LONGEST]), before),
            terms=[
                (row["field"].replace("_", " "), what, said(row["before"]), said(row["after"]))
                for name, what in TERMS
                for row in change.report.get(name, ())
            ],
            compared=change.report.get("terms") == "read",
            topics=change.report.get("topics", ()),
            sides=[(words, text, standing(text)) for words, text in (("Before", before), ("After", after))],
        )


def _fields(change: LicenceChange, name: str) -> str:
    if change.report.get("terms") != "read":
        return "not read"
    return ", ".join(row["field"].replace("_", " ") for row in change.report.get(name, ())) or "–"
