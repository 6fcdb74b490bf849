"""Filters of the desk's lists: each costs one query at most, and lists of what waits show what waits."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest

from tracker import models

ALL = "all"


def state_filter(states: type[TextChoices], *, default: TextChoices) -> type[admin.SimpleListFilter]:
    """By state; without a choice the list shows `default`, because that is what waits."""

    class State(admin.SimpleListFilter):
        title = "state"
        parameter_name = "state"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(ALL, "All"), *((state.value, str(state.label)) for state in states)]

        def choices(self, changelist: Any) -> Iterator[Any]:
            chosen = self.value() or default.value
            for value, label in self.lookup_choices:
                query = changelist.get_query_string({self.parameter_name: value})
                yield {"selected": value == chosen, "query_string": query, "display": label}

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            chosen = self.value() or default.value
            return queryset if chosen == ALL else queryset.filter(state=chosen)

    return State


class Source(admin.SimpleListFilter):
    """By source, of everything that hangs on an endpoint."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(models.Source.objects.values_list("slug", "title"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(endpoint__source__slug=self.value()) if self.value() else queryset


class Current(admin.SimpleListFilter):
    """Facts that hold today, or all that ever held."""

    title = "time"
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Hold today"), ("past", "Held once")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(known_to__isnull=self.value() == "today")
