"""Facts, to look at: they are never edited, only superseded by what their sources say."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.admin import SimpleListFilter

from tracker.admin.desk import Desk
from tracker.admin.filters import Current, Source
from tracker.models import Assessment, Event, News, Price, Release, Score, Statement


class FactAdmin(Desk):
    """What the lists of facts share: where the fact was read, whether it holds today, and nothing to decide."""

    list_filter: ClassVar[tuple[type[SimpleListFilter], ...]] = (Current, Source)
    list_select_related: ClassVar[tuple[str, ...]] = ("model", "endpoint__source")
    search_fields = ("name",)
    ordering = ("-pk",)
    exclude = ("digest",)

    @admin.display(description="source")
    def source(self, fact: Release) -> str:
        return fact.endpoint.source.title


@admin.register(Release)
class ReleaseAdmin(FactAdmin):
    """That models became available, as each source says it."""

    list_display = ("name", "model", "released_on", "access", "licence_words", "source", "known_from", "known_to")


@admin.register(Score)
class ScoreAdmin(FactAdmin):
    """Results of models on benchmarks, as each source says them."""

    list_display = ("name", "model", "benchmark", "value", "evaluator", "source", "known_from", "known_to")
    list_select_related = ("model", "benchmark", "endpoint__source")


@admin.register(Price)
class PriceAdmin(FactAdmin):
    """What hosts ask, in US dollars per million tokens."""

    list_display = ("name", "model", "host", "input", "output", "source", "known_from", "known_to")


@admin.register(Event)
class EventAdmin(FactAdmin):
    """What labs did, with the day on which it happened."""

    list_display = ("title", "lab", "kind", "occurred_on", "source", "known_from", "known_to")
    list_select_related = ("lab", "endpoint__source")


@admin.register(Statement)
class StatementAdmin(FactAdmin):
    """What people said, in our words."""

    list_display = ("summary", "person", "topic", "said_on", "source", "known_from", "known_to")
    list_select_related = ("person", "endpoint__source")


@admin.register(News)
class NewsAdmin(FactAdmin):
    """Labs' own notices, by title and address."""

    list_display = ("title", "lab", "published_on", "source", "known_from", "known_to")
    list_select_related = ("lab", "endpoint__source")


@admin.register(Assessment)
class AssessmentAdmin(FactAdmin):
    """What others say of a model's openness, criterion by criterion."""

    list_display = ("name", "model", "rubric", "criterion", "verdict", "source", "known_from", "known_to")
