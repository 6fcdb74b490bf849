"""`manage.py second_factor`: who has which second factor, and taking all of them from somebody who lost them."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.accounts import factors
from tracker.management.console import SpeakingCommand, moment


class Command(SpeakingCommand):
    """The way back for whoever lost a device. Both stand in the account's trail; a reset ends its sessions too."""

    help = "Lists the accounts of the desk with their second factors; --reset NAME takes them all from one."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--reset", metavar="NAME", help="the next login of this account enrols a new second factor")
        what.add_argument("--unlock", metavar="NAME", help="forget the failed logins of this account")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.need_database()
        now = timezone.now()
        if name := options["reset"]:
            ended = factors.reset(_named(name), now=now)
            self.stdout.write(f"{name} has no second factor any more; {ended} session(s) ended.")
            return
        if name := options["unlock"]:
            factors.unlock(_named(name), now=now)
            self.stdout.write(f"{name} may try again.")
            return
        rows = [(user, factors.factors(user)) for user in User.objects.filter(is_staff=True).order_by("username")]
        if options["as_json"]:
            self.print_json(
                [
                    {
                        "name": user.get_username(),
                        "active": user.is_active,
                        "passkeys": len(have.passkeys),
                        "app": have.generator is not None,
                        "recovery_codes": have.codes_left,
                        "last_login": user.last_login,
                    }
                    for user, have in rows
                ]
            )
            return
        cells = [
            (
                user.get_username(),
                "yes" if user.is_active else "no",
                str(len(have.passkeys)),
                "yes" if have.generator else "no",
                str(have.codes_left),
                moment(user.last_login),
            )
            for user, have in rows
        ]
        headings = ("account", "active", "passkeys", "app", "recovery codes", "last login")
        self.print_table(headings, cells, right=(2, 4))


def _named(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"No account is called {name!r}.")
    return user
