"""Filters of the desk's lists: each costs one query at most, and lists of what waits show what waits."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, TextChoices
from django.http import HttpRequest

from tracker import models

ALL = "all"


def standing_filter(states: Mapping[str, tuple[str, Q]], *, default: str) -> type[admin.SimpleListFilter]:
    """By where a row stands: by name what the desk calls it and which rows they are. Without a choice, and with one
    that there is not, the list shows `default`, because that is what waits."""

    class Standing(admin.SimpleListFilter):
        title = "state"
        parameter_name = "state"

        def chosen(self) -> str:
            value = self.value()
            return value if value is not None and value in states else default

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(name, label) for name, (label, _) in states.items()]

        def choices(self, changelist: Any) -> Iterator[Any]:
            for name, label in self.lookup_choices:
                query = changelist.get_query_string({self.parameter_name: name})
                yield {"selected": name == self.chosen(), "query_string": query, "display": label}

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(states[self.chosen()][1])

    return Standing


def state_filter(states: type[TextChoices], *, default: TextChoices) -> type[admin.SimpleListFilter]:
    """By a column `state`."""
    named = {state.value: (str(state.label), Q(state=state)) for state in states}
    return standing_filter({ALL: ("All", Q()), **named}, default=default.value)


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
