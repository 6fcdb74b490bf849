"""One run of the suite: an installation, seeds one after the other, faults by chance, rest, and the invariants."""

import contextlib
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psycopg

from tests.faults.installation import PROJECT, Installation
from tests.faults.kinds import KINDS
from tests.faults.reading import Readers
from tests.faults.world import UNKNOWN, URLS, World

# Nobody dies of these, and yet an answer of the mail server may not come to be written down.
UNWRITTEN = ("disk full", "connections ended", "PostgreSQL restarted at once", "statements time out")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was asked for. `patience` stretches the stated times where the machine is busy or slow."""

    seed: int
    seeds: int
    kills: int
    lease: int
    readers: int
    patience: float
    publish_every: float
    only: tuple[str, ...] = ()
    minutes: float = 0.0


@dataclass
class Tally:
    """What was seen."""

    faults: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kills: int = 0
    processes: int = 0
    missed: int = 0
    recoveries: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    late: list[str] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    seeds: int = 0
    counted: str = ""
    replayed: str = ""


class Run:
    """All seeds on one installation: what one seed has left behind must not disturb the next."""

    def __init__(self, site: Installation, asked: Asked, *, say: Callable[[str], None]) -> None:
        self.site, self.asked, self.say = site, asked, say
        self.tally = Tally()
        self.world = World(random.Random(asked.seed))  # noqa: S311
        self.names = [name for name in asked.only or KINDS if KINDS[name].needs not in site.missing]

    def work(self) -> Tally:
        began = time.monotonic()
        self._open()
        with Readers(self.site):
            for seed in range(self.asked.seed, self.asked.seed + self.asked.seeds):
                if self.asked.minutes and time.monotonic() - began > self.asked.minutes * 60:
                    self.say(f"the time is up before seed {seed}")
                    break
                self._seed(seed)
        self._replay()
        return self.tally

    def _open(self) -> None:
        every = self.asked.publish_every
        self.site.press.begin(self.world, random.Random(self.asked.seed + 1), every=every)  # noqa: S311
        first = self.site.recovered(seconds=120 * self.asked.patience)
        if first is None:
            raise RuntimeError(f"nothing works before the first fault:\n{self.site.output.read_text()[-2000:]}")
        current = "SELECT count(*) FROM tracker_endpoint WHERE url = ANY(%s) AND current_id IS NOT NULL"
        ends = time.monotonic() + 120 * self.asked.patience
        while self.site.ask(current, list(URLS)) != [(len(URLS),)]:
            if time.monotonic() > ends:
                raise RuntimeError("the first documents are not read before the first fault")
            time.sleep(0.3)
        self.site.press.known.set()

    def start(self, seed: int) -> None:
        """Publish, see that it works, and give letters something to do: for whoever chooses the faults himself."""
        self._open()
        self.world.meet(f"{UNKNOWN}-{seed}")
        self.site.letters(self.asked.readers)

    def finish(self, seed: int) -> None:
        """Let all come to rest, and ask what must be true."""
        self.site.press.settle(self.world)
        self._decided_at_rest(seed, decided=False, kills=self.tally.kills, began=time.monotonic())
        self._replay()

    def _replay(self) -> None:
        """What is stored is what the stored documents say."""
        command = [sys.executable, "-m", "tests.faults.replay"]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.site.environment, capture_output=True, text=True, check=False
        )
        told = done.stdout.splitlines()
        self.tally.broken += [line for line in told if line.startswith("BROKEN")]
        if done.returncode and not self.tally.broken:
            self.tally.broken.append(f"the replay broke off: {done.stderr[-800:]}")
        self.tally.replayed = told[-1] if told else ""

    def _seed(self, seed: int) -> None:
        chance, began = random.Random(seed), time.monotonic()  # noqa: S311
        before = self.tally.kills
        self.site.press.go_on()
        name = f"{UNKNOWN}-{seed}"
        self.world.meet(name)
        self.site.letters(self.asked.readers)
        self.say(f"seed {seed} begins")
        decided = False
        tries = 0
        while self.tally.kills - before < self.asked.kills and tries < 4 * self.asked.kills:
            tries += 1
            self.fault(chance, seed)
            decided = decided or "decided" in self.site.order("decide", name)
        self.site.press.settle(self.world)
        self._decided_at_rest(seed, decided=decided, kills=self.tally.kills - before, began=began)

    def _decided_at_rest(self, seed: int, *, decided: bool, kills: int, began: float) -> None:
        name = f"{UNKNOWN}-{seed}"
        rest = self._rest()
        if not decided:
            self.site.order("decide", name)
            rest = self._rest()
        stated = (2 * self.asked.lease + 40) * self.asked.patience
        if rest is None:
            self.tally.late.append(f"seed {seed}: no rest within {2 * stated:.0f} s: {self._unrest()}")
        else:
            self.tally.rests.append(rest)
            if rest > stated:
                self.tally.late.append(f"seed {seed}: at rest after {rest:.0f} s, {stated:.0f} s were stated")
        wrong = self.invariants()
        self.tally.seeds += 1
        self.tally.broken += [f"seed {seed}: {words}" for words in wrong]
        told = "no rest" if rest is None else f"at rest after {rest:.0f} s"
        self.say(
            f"seed {seed}: {kills} kills in {time.monotonic() - began:.0f} s, {told}, "
            f"{len(wrong)} violations; in all {self.tally.kills} kills"
        )
        for words in wrong:
            self.say(f"    {words}")

    def fault(self, chance: random.Random, seed: int) -> None:
        """One by chance, and where it is awaited until all is as if nothing had been."""
        name = chance.choices(self.names, [KINDS[name].weight for name in self.names])[0]
        kind = KINDS[name]
        with contextlib.suppress(psycopg.errors.LockNotAvailable):
            began = time.monotonic()
            killed = kind.act(self.site, self.world, chance)
            self.tally.faults[name] += 1
            self.tally.kills += killed > 0
            self.tally.processes += killed
            self.tally.missed += killed == 0 and name.startswith("worker at")
            self.say(f"  {seed} {name}: {killed} killed ({time.monotonic() - began:.1f} s)")
        if not kind.awaited and chance.random() < 0.8:
            time.sleep(chance.uniform(0, 2))
            return
        limit = kind.within * self.asked.patience
        seen = self.site.recovered(seconds=2 * limit)
        if seen is None or seen > limit:
            self.tally.late.append(f"seed {seed}: {name} took {f'{seen:.0f} s' if seen else 'too long'}")
        if seen is not None:
            self.tally.recoveries[name].append(seen)

    def _rest(self) -> float | None:
        """How long until everything that was published is known, read, computed and sent; None: not in the time."""
        began = time.monotonic()
        while time.monotonic() - began < 2 * (2 * self.asked.lease + 40) * self.asked.patience:
            with contextlib.suppress(psycopg.OperationalError, RuntimeError):
                if not self._unrest():
                    return time.monotonic() - began
            time.sleep(0.3)
        return None

    def _unrest(self) -> str:
        ask, latest = self.site.ask, self.site.press.latest
        for url in URLS:
            rows = ask(
                "SELECT s.blob_id FROM tracker_endpoint e JOIN tracker_snapshot s ON s.id = e.current_id "
                "WHERE e.url = %s", url)  # fmt: skip
            if rows != [(latest[url].sha256,)]:
                return f"{url} is not up to date"
        for what, question in {
            "documents to read": "SELECT count(*) FROM tracker_snapshot WHERE state = 'stored'",
            "documents to read again": "SELECT count(*) FROM tracker_rereading",
            "letters": "SELECT count(*) FROM tracker_letter WHERE state IN ('waiting', 'sending')",
            "issues": "SELECT count(*) FROM tracker_issue WHERE state = 'approved'",
            "runs": "SELECT count(*) FROM tracker_dataversion v WHERE NOT EXISTS (SELECT 1 FROM tracker_indexrun r "
            "WHERE r.data_version = v.value AND r.state = 'done' AND NOT r.historic)",
        }.items():
            ((count,),) = ask(question)
            if count:
                return f"{count} {what}"
        return ""

    def invariants(self) -> list[str]:
        """What the other program says is broken."""
        site = self.site
        given = [
            sys.executable, "-m", "tests.faults.invariants", site.database_url, "--publisher-log",
            str(site.press.folder / "requests.jsonl"), "--mail-log", str(site.base / "post" / "letters.jsonl"),
            "--clerk-log", str(site.base / "clerk.jsonl"), "--readers-log", str(site.base / "readers.jsonl"),
            "--kills", str(self.tally.kills + sum(self.tally.faults[name] for name in UNWRITTEN)), "--at-rest",
        ]  # fmt: skip
        done = subprocess.run(given, cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode and "BROKEN" not in done.stdout:
            return [f"the invariants could not be asked: {done.stderr[-500:]}"]
        self.tally.counted = next((line for line in done.stdout.splitlines() if line.startswith("counted")), "")
        return [line.strip() for line in done.stdout.splitlines() if line.startswith(("BROKEN", "        "))]


def summary(tally: Tally, asked: Asked, missing: Mapping[str, str]) -> str:
    """The table of stated and seen recovery, and what else was seen."""
    told = [f"{'fault':44} {'times':>5} {'awaited':>7} {'stated s':>8} {'median s':>8} {'longest s':>9}"]
    for name in KINDS:
        if reason := missing.get(KINDS[name].needs):
            told.append(f"{name:44} not run: {reason}")
        if not tally.faults[name]:
            continue
        seen = sorted(tally.recoveries[name])
        middle, most = (f"{seen[len(seen) // 2]:.1f}", f"{seen[-1]:.1f}") if seen else ("", "")
        told.append(f"{name:44} {tally.faults[name]:5} {len(seen):7} {KINDS[name].within:8.0f} {middle:>8} {most:>9}")
    rests = sorted(tally.rests)
    middle, most = (f"{rests[len(rests) // 2]:.1f}", f"{rests[-1]:.1f}") if rests else ("", "")
    name, stated = "all at rest after the last fault of a seed", 2 * asked.lease + 40
    told.append(f"{name:44} {tally.seeds:5} {len(rests):7} {stated:8} {middle:>8} {most:>9}")
    killed = f"{tally.kills} kills ({tally.processes} processes) over {tally.seeds} whole seeds"
    told += [
        f"{killed}, {sum(tally.faults.values())} faults; at {tally.missed} points nobody came by",
        tally.counted,
        tally.replayed,
        f"later than stated times {asked.patience:g}: {len(tally.late)}",
        *(f"    {words}" for words in tally.late),
        f"violations: {len(tally.broken)}",
        *(f"    {words}" for words in tally.broken),
    ]
    return "\n".join(told)
