"""The trail of what happens to accounts: rows that the database lets nobody change."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from tracker.digest.addresses import keyed
from tracker.models import AccountEvent

Kind = AccountEvent.Kind


def record(
    kind: AccountEvent.Kind, user: AbstractBaseUser | None, *, now: datetime, client: str = "", words: str = ""
) -> AccountEvent:
    """A name that no account has is not kept: it may be a password, typed into the wrong field."""
    return AccountEvent.objects.create(
        kind=kind,
        at=now,
        user_number=user.pk if user else None,
        user_name=user.get_username() if user else "",
        client=keyed("tracker.accounts.client", client)[0][:16] if client else "",
        words=words[:200],
    )


def of(user: AbstractBaseUser, *, most: int = 20) -> list[AccountEvent]:
    """What happened to the account of late."""
    return list(AccountEvent.objects.filter(user_number=user.pk)[:most])
