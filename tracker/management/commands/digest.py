"""`manage.py digest`: what a week's issue says, as a file to look at, and sent, once and only once."""

import argparse
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.curation import Refused, settle_letters
from tracker.digest import build, outbox, render, schedule, send
from tracker.domain.notable import Content
from tracker.management.console import Shown, SpeakingCommand, moment
from tracker.queries import letters
from tracker.tasks import worker_name

# Whoever waits at a terminal waits so long for a domain's turn; then the workers go on alone.
PATIENCE = timedelta(seconds=60)
DECIDE = "tracker.add_decision"


def week(text: str) -> str:
    """The week as it was typed. Raises ArgumentTypeError, whose words argparse prints."""
    try:
        build.bounds(text, settings.DIGEST_ZONE)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO week such as 2026-W47") from None
    return text


class Command(SpeakingCommand):
    """Looking writes nothing to the database. --send takes the very steps that beat takes, so that both together send
    each letter once."""

    help = (
        "Prints what the digest of a week says and where its letters are, writes it to a file, or sends it: once and "
        "only once. Exits with 1 when letters were given up, may or may not have arrived, or cannot be sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", type=week, metavar="WEEK", help="2026-W47; default: the week that ended last")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--preview",
            type=Path,
            metavar="FILE",
            help="write the letter as HTML to FILE and as text beside it; nothing else is touched",
        )
        what.add_argument(
            "--send", action="store_true", help="freeze and approve the issue where that is not done, and send it"
        )
        what.add_argument(
            "--settle",
            choices=("sent", "resend"),
            help="of letters that a crash left in doubt: they arrived, or they did not and are sent again",
        )
        parser.add_argument(
            "--letter", type=int, action="append", default=[], metavar="ID", help="with --settle: only this one"
        )
        parser.add_argument("--dead", action="store_true", help="with --settle resend: those that were given up too")
        parser.add_argument(
            "--by", metavar="NAME", help="with --settle: whose decision it is; default: the only curator"
        )
        parser.add_argument("--reason", default="Settled by command", help="with --settle (%(default)s)")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["settle"] and (options["letter"] or options["dead"] or options["by"]):
            raise CommandError("--letter, --dead and --by belong to --settle")
        if options["dead"] and options["settle"] == "sent":
            raise CommandError("What was given up did not arrive: --dead goes with --settle resend")
        self.need_database()
        now = timezone.now()
        asked = options["week"] or schedule.last_week(now)
        since, until = build.bounds(asked, settings.DIGEST_ZONE)
        if now < since:
            raise CommandError(f"{asked} has not begun: nobody knows what will be news then")
        if options["send"]:
            if now < until:
                raise CommandError(
                    f"{asked} is not over: it can be sent from {until:%Y-%m-%d %H:%M} ({settings.DIGEST_ZONE}) on. "
                    "--preview shows what it would say now."
                )
            self.send(asked, now, as_json=options["as_json"])
        elif options["settle"]:
            self.settle(asked, now, options)
        else:
            self.show(asked, now, options["preview"], as_json=options["as_json"])

    # Looking at it

    def show(self, asked: str, now: datetime, file: Path | None, *, as_json: bool) -> None:
        issue = schedule.issue_of(asked)
        with self.progress() as shown:
            shown.begin(f"Composing the issue of {asked}")
            content = build.arranged(issue, build.said(issue, now=now))
        if file is not None:
            self.write_files(content, issue.note, file)
        told = letters.letters_of(asked)
        if as_json:
            self.print_json(_document(content, issue.note, told))
            return
        self.stdout.write(f"{asked}: {content.subject}")
        self.stdout.write(f"As known on {content.as_of}; {told.state_label if told else 'not begun at the desk'}")
        if issue.note:
            self.stdout.write(f"The editor's note: {' '.join(issue.note.split())}")
        if content.items:
            rows = [(item.topic.value, f"{item.weight:.1f}", item.title, item.url) for item in content.items]
            self.print_table(("topic", "weight", "what", "where"), rows, right=(1,))
        else:
            self.stdout.write("A quiet week: it has no items.")
        self.print_letters(told)

    def write_files(self, content: Content, note: str, file: Path) -> None:
        """Bytes of the letter as a reader of everything gets it, but for the two links that are a reader's own."""
        beside = file.with_suffix(".txt")
        if beside == file:
            raise CommandError(f"{file} is where the text would go: give the HTML another name")
        found = render.issue(content, note=note, links=render.for_anybody(content.week))
        try:
            file.write_text(found.html, "utf-8")
            beside.write_text(found.text, "utf-8")
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}") from error
        self.note(f"Written: {file} ({len(found.html.encode()):,} bytes) and {beside}")

    def print_letters(self, told: letters.IssueLetters | None) -> None:
        if told is None or told.addressed_at is None:
            self.stdout.write("No letters: it has not been addressed.")
            return
        self.print_table(
            ("letters", "state"), [(f"{told.counts[name]:,}", name) for name in letters.STATES], right=(0,)
        )
        if told.error:
            self.stdout.write(f"Said of one that did not go: {told.error}")

    # Sending it

    def send(self, asked: str, now: datetime, *, as_json: bool) -> None:
        if (told := letters.letters_of(asked)) is not None and told.state == "withheld":
            raise CommandError(f"The issue of {asked} is withheld: an editor has decided that it is not sent")
        with self.progress() as shown:
            shown.begin(f"Freezing and addressing the issue of {asked}")
            try:
                for words in schedule.advance(asked, now=now, approve=True):
                    self.note(f"{words[0].upper()}{words[1:]}.")
            except build.NotYet as reason:
                raise CommandError(str(reason)) from reason
            sent, stopped = self.hand_over(asked, shown)
        told = letters.letters_of(asked)
        if as_json:
            self.print_json(
                {"week": asked, "state": told and told.state, "sent_now": sent, "stopped": stopped or None,
                 "letters": told and told.counts}
            )  # fmt: skip
        else:
            self.stdout.write(f"{_letters(sent)} accepted now.")
            self.print_letters(told)
        if told is not None:
            self.complain(told, stopped)

    def hand_over(self, asked: str, shown: Shown) -> tuple[int, str]:
        """Turn after turn, until nothing is left that may go soon."""
        issue, sent = schedule.issue_of(asked), 0
        told = letters.letters_of(asked)
        shown.begin(f"Sending the issue of {asked}", total=max(1, told.counts["waiting"] if told else 1))
        while True:
            done = send.work(now=timezone.now(), by=worker_name(), issue=issue.pk, told=shown.advance)
            sent += done.sent
            now = timezone.now()
            then = outbox.next_at(now=now, issues=[issue.pk])
            if done.stopped or then is None or then > now + PATIENCE:
                break
            time.sleep(max(0.0, (then - now).total_seconds()))
        if then is not None and not done.stopped:
            self.note(f"Some letters wait until {moment(then)} UTC; the workers send them, or this command, run again.")
        return sent, done.stopped

    def complain(self, told: letters.IssueLetters, stopped: str) -> None:
        wrong = [stopped] if stopped else []
        if told.counts["ambiguous"]:
            wrong.append(
                f"{_letters(told.counts['ambiguous'])} may or may not have arrived: look into the server's log, then "
                "--settle sent or --settle resend"
            )
        if told.counts["dead"]:
            wrong.append(f"{_letters(told.counts['dead'])} given up; the curator's desk lists them")
        if wrong:
            raise CommandError(". ".join(wrong))

    # Settling what is left

    def settle(self, asked: str, now: datetime, options: dict[str, Any]) -> None:
        issue = schedule.issue_of(asked)
        found = outbox.to_settle(issue, dead=options["dead"], only=options["letter"]) if issue.pk else []
        missing = set(options["letter"]) - {letter.pk for letter in found}
        if missing:
            raise CommandError(f"Letter {min(missing)} of {asked} is not there, or there is nothing to settle about it")
        if found:
            told = {"resend": options["settle"] == "resend", "reason": options["reason"], "now": now}
            try:
                settle_letters(found, by=self.curator(options["by"]), **told)
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
        if options["as_json"]:
            told_now = letters.letters_of(asked)
            self.print_json({"week": asked, "settled": len(found), "letters": told_now and told_now.counts})
        elif found:
            self.stdout.write(f"{_letters(len(found))} settled: {options['settle']}.")
        else:
            self.stdout.write(f"Nothing of {asked} is to be settled.")

    def curator(self, name: str | None) -> User:
        """Who decides. Raises CommandError where that is nobody, or cannot be told."""
        people: list[User] = list(get_user_model().objects.filter(is_active=True, is_staff=True))
        known = [person for person in people if person.has_perm(DECIDE) and name in (None, person.get_username())]
        if not known:
            who = f"{name} is no curator" if name else "There is no curator"
            raise CommandError(f"{who}: a letter is settled by somebody who may decide at the desk")
        if len(known) > 1:
            raise CommandError("Whose decision is it? Say --by and the name of a curator")
        return known[0]


def _letters(count: int) -> str:
    return f"{count:,} letter{'s' * (count != 1)}"


def _document(content: Content, note: str, told: letters.IssueLetters | None) -> dict[str, Any]:
    return {
        **content.plain(),
        "note": note,
        "state": told.state if told else None,
        "addressed_at": told.addressed_at if told else None,
        "sent_at": told.sent_at if told else None,
        "letters": told.counts if told else None,
    }
