"""The curator's desk: what waits for a decision, what was decided, and everything that decisions are about."""

from django.contrib import admin

from tracker.admin import (
    accounts,
    alarms,
    conflicts,
    decisions,
    digest,
    documents,
    entities,
    evaluations,
    facts,
    insights,
    letters,
    licence_changes,
    licences,
    names,
    proposals,
    provenance,
    readers,
)

admin.site.site_title = "AI Landscape"
admin.site.site_header = "AI Landscape: the curator’s desk"
admin.site.index_title = "The curator’s desk"
admin.site.empty_value_display = "–"

__all__ = [
    "accounts",
    "alarms",
    "conflicts",
    "decisions",
    "digest",
    "documents",
    "entities",
    "evaluations",
    "facts",
    "insights",
    "letters",
    "licence_changes",
    "licences",
    "names",
    "proposals",
    "provenance",
    "readers",
]
