"""What happened to accounts: read by whoever may decide, changed by nobody, the database sees to it."""

from django.contrib import admin

from tracker.admin.desk import Desk
from tracker.models import AccountEvent


@admin.register(AccountEvent)
class AccountEventAdmin(Desk):
    """The trail, the newest first. Equal words in `client` are one internet address, and do not tell which."""

    list_display = ("at", "user_name", "kind", "words", "client")
    list_filter = ("kind",)
    search_fields = ("user_name",)
    ordering = ("-at", "-pk")
