"""`manage.py collect`: ask the sources that are due, or the named ones now, and read what they answer."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.management.console import Shown, SpeakingCommand
from tracker.pipeline import catalog, collect, curated, ingest, recompute
from tracker.queries import runs
from tracker.queries.pipeline import source_rows
from tracker.sources import SOURCES
from tracker.tasks import fetching, worker_name

SHOWN = 3  # messages of one source on a terminal
BAD = frozenset({"failed", "refused", "quarantined"})


@dataclass(frozen=True, slots=True)
class Message:
    """What was said of one document."""

    url: str
    text: str


@dataclass(slots=True)
class Tally:
    """What became of one source in this command. `state` is the source's own afterwards, as `sources` shows it."""

    source: str
    state: str = ""
    asked: int = 0
    elsewhere: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    new: int = 0
    superseded: int = 0
    closed: int = 0
    unresolved: int = 0
    messages: list[Message] = field(default_factory=list)

    def count(self, outcome: str, *, url: str = "", message: str = "") -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if message:
            self.messages.append(Message(url, message))

    @property
    def bad(self) -> bool:
        return bool(BAD & self.outcomes.keys())

    @property
    def line(self) -> str:
        said = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items()) or "nothing asked"
        facts = f"{self.new} new facts, {self.superseded} superseded, {self.closed} closed"
        waiting = f"{self.unresolved} rows unresolved"
        # Dozens of documents of one host fail for one reason.
        reasons = Counter(message.text for message in self.messages)
        told = [f"{reason} ({count} times)" if count > 1 else reason for reason, count in reasons.items()]
        more = [f"and {len(told) - SHOWN} other messages, see --json"] if len(told) > SHOWN else []
        return "; ".join([f"{self.source} ({self.state}): {said}", facts, waiting, *told[:SHOWN], *more])


class Command(SpeakingCommand):
    """Does in this one process what the workers do between them. It ends with 1 where a source failed or a document was
    refused; what was known before stays."""

    help = (
        "Fetches the documents that are due, or those of the named sources now, reads them into facts, and computes "
        "the index and its headline where facts changed. It may run beside `manage.py up`: each leaves to the other "
        "what that one has."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help=f"any of {', '.join(SOURCES)}")
        parser.add_argument("--no-recompute", action="store_true", help="leave the index to the workers")
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        named: list[str] = list(dict.fromkeys(options["sources"]))
        if unknown := [name for name in named if name not in SOURCES]:
            raise CommandError(f"{', '.join(unknown)} is no source; there are {', '.join(SOURCES)}")
        chosen = named or list(SOURCES)
        live = [name for name in chosen if SOURCES[name].every is not None]
        if live and not settings.COLLECT_LIVE and not settings.SOURCE_MIRROR:
            raise CommandError(
                "COLLECT_LIVE is 0: no source is contacted. Set it to 1, or name a mirror in SOURCE_MIRROR."
            )
        self.need_database()
        tallies = {name: Tally(name) for name in chosen}
        with self.progress() as shown:
            self.prepare(shown)
            self.take_in(chosen, tallies)
            self.read_waiting(tallies, shown)
            self.ask(chosen, tallies, shown, force=bool(named))
            index = None if options["no_recompute"] else self.headline(shown)
        self.finish(tallies, index, named=bool(named), as_json=options["as_json"])

    def prepare(self, shown: Shown) -> None:
        """The names that documents resolve against, and a row for every declared address."""
        shown.begin("Reading the catalogue")
        try:
            catalog.load_catalog(now=timezone.now())
        except ValueError as error:
            raise CommandError(f"The catalogue cannot be read: {error}") from error
        collect.enrol(now=timezone.now())

    def take_in(self, chosen: list[str], tallies: dict[str, Tally]) -> None:
        """Curators' files are documents of this very machine: they are due whenever they changed."""
        if any(url.startswith(curated.SCHEME) for name in chosen for url in SOURCES[name].urls):
            self.told(curated.take_in(now=timezone.now(), by=worker_name()), tallies)

    def read_waiting(self, tallies: dict[str, Tally], shown: Shown) -> None:
        """What was collected and never read comes first: facts are superseded in the order they were learned."""
        waiting = ingest.waiting(now=timezone.now())
        shown.begin("Reading what waits", total=len(waiting))
        for snapshot in waiting:
            read = ingest.ingest(snapshot, now=timezone.now(), by=worker_name())
            self.told([read] if read else [], tallies)
            shown.advance()

    def ask(self, chosen: list[str], tallies: dict[str, Tally], shown: Shown, *, force: bool) -> None:
        now = timezone.now()
        free = {name: collect.due(now=now, sources=[name]) for name in chosen}
        wanted = None if force else set(collect.due(now=now))
        work = [(name, one) for name, ids in free.items() for one in ids if wanted is None or one in wanted]
        if force:
            declared = {row.slug: row for row in source_rows(now=now)}
            for name in chosen:
                self.explain(tallies[name], declared[name].state, declared[name].endpoints - len(free[name]))
        shown.begin("Asking", total=len(work))
        for name, endpoint in work:
            shown.say(f"Asking {name}")
            self.ask_one(endpoint, tallies[name], tallies, shown, force=force)
            shown.advance()

    def explain(self, tally: Tally, state: str, missing: int) -> None:
        """Why documents of a source that was named are not asked for."""
        if SOURCES[tally.source].every is None:
            if not SOURCES[tally.source].urls[0].startswith(curated.SCHEME):
                tally.messages.append(Message("", "published once: it comes with an archive, nothing is asked"))
        elif state == "off":
            tally.messages.append(Message("", "switched off by the operator, nothing is asked"))
        elif missing:
            tally.elsewhere += missing
            tally.count("left to another worker that has it")

    def ask_one(self, endpoint: int, tally: Tally, tallies: dict[str, Tally], shown: Shown, *, force: bool) -> None:
        attempt = collect.collect(endpoint, now=timezone.now(), by=worker_name(), fetching=fetching, force=force)
        if attempt is None:
            tally.elsewhere += 1
            tally.count("left to another worker that has it")
            return
        tally.asked += 1
        tally.count(attempt.outcome, url=attempt.endpoint.url, message=attempt.message)
        if attempt.outcome == attempt.Outcome.CHANGED and attempt.snapshot is not None:
            shown.say(f"Reading {tally.source}")
            read = ingest.ingest(attempt.snapshot.pk, now=timezone.now(), by=worker_name())
            if read is None:
                tally.count("read by another worker")
            self.told([read] if read else [], tallies)

    def told(self, snapshots: Iterable[Any], tallies: dict[str, Tally]) -> None:
        """Count what reading these snapshots came to."""
        for snapshot in snapshots:
            name = snapshot.endpoint.source.slug
            tally = tallies.setdefault(name, Tally(name))
            tally.count(snapshot.state, url=snapshot.endpoint.url, message=snapshot.message)
            if snapshot.state == snapshot.State.INGESTED:
                tally.new += snapshot.counts["added"]
                tally.superseded += snapshot.counts["superseded"]
                tally.closed += snapshot.counts["closed"]
                tally.unresolved += snapshot.counts["unresolved"]

    def headline(self, shown: Shown) -> str:
        """Compute the newest run's index and headline where the last one stands on other facts; says what was done."""
        shown.begin("Computing the index and its headline")
        if _up_to_date():
            return "up to date"
        recompute.plan(now=timezone.now())
        for run in recompute.waiting(now=timezone.now())[:1]:
            recompute.headline(run, clock=timezone.now, by=worker_name())
        return "computed" if _up_to_date() else "left to another worker that has it"

    def finish(self, tallies: dict[str, Tally], index: str | None, *, named: bool, as_json: bool) -> None:
        for row in source_rows(now=timezone.now()):
            if tally := tallies.get(row.slug):
                tally.state = row.state
                if row.state == "quarantined" and tally.asked and not tally.bad:
                    # The publisher still shows the document that failed its guards: unchanged is not well.
                    tally.count("quarantined", message=row.explanation)
        shown = [tally for tally in tallies.values() if named or tally.outcomes]
        if as_json:
            self.print_json({"sources": [asdict(tally) for tally in shown], "index": index})
        else:
            for tally in shown:
                self.stdout.write(tally.line)
            if not shown:
                self.stdout.write("Nothing is due: name a source to ask it now.")
            if index:
                self.stdout.write(f"Index and headline: {index}")
        if bad := [tally.source for tally in shown if tally.bad]:
            raise CommandError(
                f"Not everything could be had from {', '.join(bad)}; the last good facts stay. See `manage.py sources`."
            )


def _up_to_date() -> bool:
    """Whether the newest run with results stands on today's facts and today's last confirmation of them."""
    run, as_of = runs.run_for(None), recompute.confirmed_on(None)
    if as_of is None:
        return True
    return run is not None and run.data_version == runs.site().data_version and run.as_of == as_of
