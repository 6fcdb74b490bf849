"""Readers at the desk, without their addresses: how many there are, what became of them, and the erasing of one.

Nothing here is in the ledger of decisions, which keeps every row as it was: of an erased reader nothing may be kept.
The desk's own log says who did it, when, to which number and why.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone

from tracker.admin.desk import Desk, may_decide, reason_form
from tracker.digest import readers
from tracker.digest.addresses import BadAddressError, masked, normalised, suppression_keys
from tracker.models import Attempts, MailEvent, Subscriber, Suppression


def typed(words: str) -> str:
    """An address as somebody at the desk types it, to be found; blank where it is none."""
    try:
        return normalised(words)
    except BadAddressError:
        return ""


class Personal(Desk):
    """A table about people, in which a whole address finds its row and nothing less does."""

    show_facets = admin.ShowFacets.ALWAYS
    action_form = reason_form("")

    def deed(self, request: HttpRequest, rows: QuerySet[Any], flag: int, do: Callable[[list[int]], Any]) -> int | None:
        """Do it to the rows and log it with the reason; None where there is none, and then nothing was done."""
        if not may_decide(request):
            raise PermissionDenied
        reason = request.POST.get("reason", "").strip()[:500]
        if not reason:
            self.message_user(request, "Give a reason. Nothing was done.", messages.ERROR)
            return None
        chosen = list(rows)
        assert request.user.pk is not None  # noqa: S101  whoever may decide is somebody
        LogEntry.objects.log_actions(request.user.pk, chosen, flag, change_message=reason)
        do([row.pk for row in chosen])
        return len(chosen)


@admin.register(Subscriber)
class SubscriberAdmin(Personal):
    """Readers. An address is masked for all but superusers, and is found only by who types the whole of it."""

    list_display = ("reader", "address", "state", "pace", "asked_at", "confirmed_at", "ended_at", "soft_bounces")
    list_filter = ("state",)
    search_fields = ("email",)
    ordering = ("-pk",)
    actions = ("unsubscribe", "erase")
    fields = (
        "address", "state", "pace", "topics", "labs", "text_only", "paused_until", "asked_at", "confirm_wanted_at",
        "confirm_sent_at", "confirmed_at", "ended_at", "soft_bounces", "soft_since", "attempts", "last_error",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("email", *self.fields[1:]) if request.user.is_superuser else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = self.list_display
        return tuple("email" if name == "address" and request.user.is_superuser else name for name in shown)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        return queryset.alias(lowered=Lower("email")).filter(lowered=typed(search_term).lower()), False

    @admin.display(description="reader", ordering="pk")
    def reader(self, subscriber: Subscriber) -> str:
        return str(subscriber)

    @admin.display(description="address")
    def address(self, subscriber: Subscriber) -> str:
        return masked(subscriber.email)

    @admin.action(description="Unsubscribe: no letters any more", permissions=["decide"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        def leave(pks: list[int]) -> None:
            for pk in pks:
                readers.leave(pk, now=timezone.now())

        many = self.deed(request, queryset, CHANGE, leave)
        if many is not None:
            self.message_user(request, f"{many} reader(s) unsubscribed.")

    @admin.action(description="Erase: delete all that is known of them, for good", permissions=["decide"])
    def erase(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        many = self.deed(request, queryset, DELETION, lambda pks: readers.erase(pks, now=timezone.now()))
        if many is not None:
            self.message_user(request, f"{many} reader(s) erased.")


@admin.register(Suppression)
class SuppressionAdmin(Personal):
    """Addresses that must not be written to, as hashes: typing the whole address finds one, and lifting forgets it."""

    list_display = ("__str__", "why", "since")
    list_filter = ("why",)
    search_fields = ("address",)
    ordering = ("-pk",)
    actions = ("lift",)
    fields = ("why", "since")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(address__in=suppression_keys(typed(search_term))), False

    @admin.action(description="Lift: its owner wants letters after all", permissions=["decide"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        many = self.deed(request, queryset, DELETION, readers.lift)
        if many is not None:
            self.message_user(request, f"{many} address(es) may be written to again, once they subscribe.")


@admin.register(Attempts)
class AttemptsAdmin(Desk):
    """Counts behind the limits on logins and on the digest's forms; who it was stands there as a hash."""

    list_display = ("what", "window", "count")
    ordering = ("-window", "-count")

    @admin.display(description="what, and a hash of who", ordering="key")
    def what(self, attempts: Attempts) -> str:
        name, _, who = attempts.key.partition(":")
        return f"{name.replace('-', ' ')} ({who[:8]})"


@admin.register(MailEvent)
class MailEventAdmin(Desk):
    """What servers and providers reported of letters, the newest first, with readers as numbers."""

    list_display = ("kind", "at", "provider", "subscriber", "letter", "detail")
    list_filter = ("kind", "provider")
    list_select_related = ("subscriber", "letter__issue", "letter__subscriber")
    ordering = ("-at", "-pk")
    fields = ("kind", "at", "provider", "subscriber", "letter", "detail")
