"""What must be true of an installation however it was broken, asked by a program that shares no line with the product.

    python -m tests.faults.invariants DATABASE_URL --publisher-log FOLDER/requests.jsonl --mail-log FILE
        --clerk-log FILE --readers-log FILE --kills N

It prints one line for each invariant and ends with the number of violations. It may be asked at any time for what must
always hold; `--at-rest` adds what must hold once nothing is published any more and two leases have passed.
"""

# ruff: noqa: S608  the names of tables in the questions are those above them

import argparse
import hashlib
import json
import os
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

Rows = list[tuple[Any, ...]]
FACTS = ("release", "score", "price", "event", "statement", "news", "licencetext", "assessment")
LEASED = ("endpoint", "snapshot", "letter", "rereading", "indexrun", "subscriber")
# The columns of each kind that a vintage of ours states.
STATED = {
    "score": "SELECT f.name, b.slug, f.value FROM tracker_score f JOIN tracker_benchmark b ON b.id = f.benchmark_id",
    "price": "SELECT f.name, f.host, f.input FROM tracker_price f",
    "release": "SELECT f.name, f.released_on FROM tracker_release f",
}


def lines(path: Path | None) -> list[dict[str, Any]]:
    """The whole lines of a log: of a process that was killed the last one may be cut off."""
    found = []
    if path is not None and path.exists():
        for line in path.read_text("utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


class Invariants:
    """Each method yields what is wrong, in words; nothing where all is right."""

    def __init__(self, connection: psycopg.Connection[Any], given: argparse.Namespace) -> None:
        self._connection = connection
        self.given = given
        self.requests = lines(given.publisher_log)
        self.folder = given.publisher_log.parent
        self.seen: dict[str, int] = {}

    def ask(self, question: str, *values: Any) -> Rows:
        return self._connection.execute(question, values).fetchall()

    # What was published

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """By address its vintages in order."""
        found = defaultdict(list)
        for line in self.requests:
            if "published" in line:
                found[line["published"]].append(line)
        return found

    def stated(self, sha256: str) -> dict[str, Any]:
        return dict(json.loads((self.folder / f"{sha256}.json").read_text("utf-8")))

    def no_fact_is_lost(self) -> Iterator[str]:
        """Every vintage whose answer was sent whole is a snapshot, or a later one of its address is."""
        answered: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for line in self.requests:
            if line.get("status") == 200 and line.get("whole") and line.get("sha256"):
                answered[self.stated(line["sha256"])["url"]].append((line["at"], line["sha256"]))
        count = 0
        for url, answers in answered.items():
            kept = {sha for (sha,) in self.ask(
                "SELECT s.blob_id FROM tracker_snapshot s JOIN tracker_endpoint e ON e.id = s.endpoint_id "
                "WHERE e.url = %s", url)}  # fmt: skip
            later = False
            for _, sha in reversed(answers):
                count += 1
                later = later or sha in kept
                if not later and self.given.at_rest:
                    yield f"{url}: {sha[:12]} was sent whole, and neither it nor a later one is stored"
        self.seen["answers sent whole"] = count

    def the_last_good_vintage_is_what_is_current(self) -> Iterator[str]:
        if not self.given.at_rest:
            return
        decided = {line["decided"] for line in lines(self.given.clerk_log) if "decided" in line}
        checked = 0
        for url, vintages in self.published().items():
            good = [vintage for vintage in vintages if vintage["good"]]
            told = self.stated(good[-1]["sha256"])
            (endpoint, current), = self.ask(
                "SELECT e.id, s.blob_id FROM tracker_endpoint e LEFT JOIN tracker_snapshot s ON s.id = e.current_id "
                "WHERE e.url = %s", url)  # fmt: skip
            if current != good[-1]["sha256"]:
                yield f"{url}: the last good vintage is not the current one, which is {current and current[:12]}"
            for kind in {fact[0] for fact in told["facts"]}:
                wanted = {
                    tuple(fact[1:])
                    for fact in told["facts"]
                    if fact[0] == kind and (not fact[1].startswith("mystery") or fact[1] in decided)
                }
                rows = self.ask(f"{STATED[kind]} WHERE f.endpoint_id = %s AND f.known_to IS NULL", endpoint)
                found = Counter(tuple(_said(value) for value in row) for row in rows)
                checked += len(found)
                if set(found) != wanted or max(found.values(), default=1) > 1:
                    wrong = sorted(set(found) ^ wanted)[:3]
                    yield f"{url}: {len(set(found) ^ wanted)} current {kind} rows are not what it says, such as {wrong}"
        self.seen["current facts compared"] = checked

    def no_fact_is_doubled(self) -> Iterator[str]:
        """One current row a natural key, and at no time two."""
        for kind in FACTS:
            doubled = self.ask(
                f"SELECT endpoint_id, key FROM tracker_{kind} WHERE known_to IS NULL "
                "GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 3")  # fmt: skip
            overlapping = self.ask(
                f"SELECT a.endpoint_id, a.key, a.id, b.id FROM tracker_{kind} a JOIN tracker_{kind} b "
                "ON b.endpoint_id = a.endpoint_id AND b.key = a.key AND b.id > a.id "
                "AND b.known_from < coalesce(a.known_to, 'infinity') "
                "AND a.known_from < coalesce(b.known_to, 'infinity') "
                "LIMIT 3")  # fmt: skip
            if doubled or overlapping:
                yield f"{kind}: {doubled or overlapping} hold at the same time"

    def what_superseded_is_a_line(self) -> Iterator[str]:
        """Every fact has one successor at most and is the successor of one at most, of its own key, in time's order."""
        links = 0
        for kind in FACTS:
            links += self.ask(f"SELECT count(*) FROM tracker_{kind} WHERE superseded_by_id IS NOT NULL")[0][0]
            for what, question in {
                "two before one": f"SELECT superseded_by_id FROM tracker_{kind} WHERE superseded_by_id IS NOT NULL "
                "GROUP BY 1 HAVING count(*) > 1",
                "another key": f"SELECT a.id FROM tracker_{kind} a JOIN tracker_{kind} b ON b.id = a.superseded_by_id "
                "WHERE a.key <> b.key OR a.endpoint_id <> b.endpoint_id",
                "before its time": f"SELECT a.id FROM tracker_{kind} a JOIN tracker_{kind} b "
                "ON b.id = a.superseded_by_id WHERE b.known_from < a.known_to OR a.known_to < a.known_from",
            }.items():
                if rows := self.ask(f"{question} LIMIT 3"):
                    yield f"{kind}: superseded by {what}: {rows}"
        self.seen["facts superseded"] = links

    def no_snapshot_is_half(self) -> Iterator[str]:
        """What is stored is what was published, byte for byte, and what was read has said so with its counts."""
        blobs = self.ask("SELECT sha256, size, packed FROM tracker_blob")
        for sha256, size, packed in blobs:
            body = zlib.decompress(packed)
            if len(body) != size or hashlib.sha256(body).hexdigest() != sha256:
                yield f"blob {sha256[:12]} holds other bytes than its name says"
        ours = self.ask(
            "SELECT DISTINCT s.blob_id FROM tracker_snapshot s JOIN tracker_endpoint e ON e.id = s.endpoint_id "
            "WHERE e.url = ANY(%s)", list(self.published()))  # fmt: skip
        for (sha256,) in ours:
            if not (self.folder / sha256).exists() and self.given.strict:
                yield f"snapshot {sha256[:12]} is nothing that was ever published"
        self.seen["snapshots"] = len(ours)
        for kind in FACTS:
            if rows := self.ask(
                f"SELECT f.id, s.state FROM tracker_{kind} f JOIN tracker_snapshot s ON s.id = f.first_snapshot_id "
                "WHERE s.state <> 'ingested' LIMIT 3"):  # fmt: skip
                yield f"{kind}: facts of snapshots that were never read to their end: {rows}"
        for endpoint, number in self.ask(
            "SELECT endpoint_id, count(*) FROM tracker_snapshot WHERE state = 'ingested' AND counts = '{}' GROUP BY 1"
        ):
            yield f"endpoint {endpoint}: {number} snapshots were read without counts"

    def what_is_broken_is_not_believed(self) -> Iterator[str]:
        believed = self.ask("SELECT DISTINCT blob_id FROM tracker_snapshot WHERE state = 'ingested'")
        for (sha256,) in believed:
            if (self.folder / f"{sha256}.json").exists() and not self.stated(sha256)["good"]:
                yield f"the broken document {sha256[:12]} became facts"

    # Letters

    def no_letter_goes_out_twice(self) -> Iterator[str]:
        taken = Counter(line["message_id"] for line in lines(self.given.mail_log))
        ours = {name for (name,) in self.ask("SELECT message_id FROM tracker_letter")}
        twice = [name for name in taken if name in ours and taken[name] > 1]
        self.seen["letters taken by the server"] = sum(name in ours for name in taken)
        if twice:
            yield f"{len(twice)} letters were taken more than once, such as {twice[0]}"

    def no_letter_is_lost_silently(self) -> Iterator[str]:
        """Sent means that the server took it; whatever the server took is sent or said to be unknown."""
        taken = {line["message_id"] for line in lines(self.given.mail_log)}
        rows = self.ask("SELECT message_id, state FROM tracker_letter")
        states = Counter(state for _, state in rows)
        self.seen |= {f"letters {state}": count for state, count in states.items()}
        for name, state in rows:
            if state == "sent" and name not in taken:
                yield f"{name} is called sent, and the server never took it"
            if name in taken and state not in ("sent", "ambiguous", "sending"):
                yield f"{name} was taken by the server, and is called {state}"
            if self.given.at_rest and state in ("waiting", "sending"):
                yield f"{name} is still {state}"
            if state in ("dead", "dropped"):
                yield f"{name} is {state}, which nobody wanted"
        if states["ambiguous"] > self.given.kills:
            yield f"{states['ambiguous']} letters are ambiguous after {self.given.kills} kills: more than one a kill"
        for name, state in self.ask("SELECT message_id, state FROM tracker_operatorletter"):
            if (state == "sent") != (name in taken) and state not in ("ambiguous", "sending"):
                yield f"{name}, about alarms, is {state}, which is not what the server says"
        if rows := self.ask("SELECT issue_id, subscriber_id FROM tracker_letter WHERE subscriber_id IS NOT NULL "
                            "GROUP BY 1, 2 HAVING count(*) > 1"):  # fmt: skip
            yield f"two letters of one issue for one reader: {rows[:3]}"

    def every_reader_of_an_issue_has_a_letter(self) -> Iterator[str]:
        for line in lines(self.given.clerk_log):
            if "issue" in line:
                ((count,),) = self.ask("SELECT count(*) FROM tracker_letter WHERE issue_id = %s", line["issue"])
                if count != line["letters"]:
                    yield f"issue {line['week']} was addressed to {line['letters']} readers and has {count} letters"

    # People

    def no_decision_is_lost(self) -> Iterator[str]:
        told = [line for line in lines(self.given.clerk_log) if "decided" in line]
        self.seen["decisions"] = len(told)
        for line in told:
            if not self.ask("SELECT 1 FROM tracker_decision WHERE id = %s", line["decision"]):
                yield f"the decision on {line['decided']} was told to be taken, and is gone"
            ((aliases,),) = self.ask("SELECT count(*) FROM tracker_alias WHERE name = %s", line["decided"])
            if aliases != 1:
                yield f"{line['decided']} was explained once and has {aliases} aliases"
            if self.given.at_rest and self.ask(
                "SELECT 1 FROM tracker_unresolved WHERE name = %s AND state = 'waiting'", line["decided"]
            ):
                yield f"{line['decided']} was explained and still waits"

    # The work itself

    def nothing_is_left_lying(self) -> Iterator[str]:
        if not self.given.at_rest:
            return
        for table in LEASED:
            for pk, by in self.ask(f"SELECT id, lease_by FROM tracker_{table} WHERE lease_until IS NOT NULL"):
                if not _lives(by):
                    yield f"{table} {pk} is leased to {by}, which is gone"
        for question, what in {
            "SELECT count(*) FROM tracker_snapshot WHERE state = 'stored'": "snapshots wait to be read",
            "SELECT count(*) FROM tracker_rereading": "documents wait to be read again",
            "SELECT count(*) FROM tracker_issue WHERE state = 'approved'": "issues are not finished",
            "SELECT count(*) FROM tracker_snapshot WHERE message LIKE '%broke off%'": "documents were given up",
        }.items():
            ((count,),) = self.ask(question.replace("%b", "%%b").replace("f%'", "f%%'"))
            if count:
                yield f"{count} {what}"

    def the_last_run_knows_the_last_facts(self) -> Iterator[str]:
        if not self.given.at_rest:
            return
        ((version,),) = self.ask("SELECT value FROM tracker_dataversion")
        rows = self.ask("SELECT data_version, state, last_error FROM tracker_indexrun WHERE NOT historic "
                        "ORDER BY known_at DESC, id DESC LIMIT 1")  # fmt: skip
        if not rows or rows[0][:2] != (version, "done"):
            yield f"the facts are at version {version}, the last run is {rows}"

    def no_reader_is_told_of_a_fault_of_ours(self) -> Iterator[str]:
        """What cannot be answered breaks off, or says when to ask again."""
        for line in lines(self.given.readers_log):
            if line.get("status", 0) >= 500 and (line["status"] != 503 or not line.get("again", "").isdecimal()):
                yield f"{line['path']} was answered with {line['status']}, ask again: {line.get('again') or 'not said'}"

    def every_page_shows_one_run(self) -> Iterator[str]:
        runs: dict[int, set[tuple[str, str]]] = defaultdict(set)
        answers = Counter[str]()
        for line in lines(self.given.readers_log):
            answers["broken" if "broken" in line else str(line["status"])] += 1
            if line.get("status") != 200:
                continue
            if not line["whole"]:
                yield f"{line['path']} came with 200 and was not whole"
            if len(line.get("runs", ())) > 1:
                yield f"{line['path']} leads to the runs {line['runs']}"
            if line.get("run"):
                runs[line["run"]].add((line["known_at"], line["rows"]))
        self.seen |= {f"answers {name}": count for name, count in answers.items()}
        self.seen["runs seen by readers"] = len(runs)
        for run, told in runs.items():
            if len(told) > 1:
                yield f"run {run} was shown with {len(told)} different answers"
        mixed = self.ask(
            "SELECT r.id FROM tracker_indexrun r WHERE r.state = 'done' AND r.draws IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM tracker_gapresult g WHERE g.run_id = r.id)")  # fmt: skip
        if mixed:
            yield f"runs {mixed} are done and say nothing"


def _said(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _lives(by: str) -> bool:
    """Of this machine's processes; a number alone would do for a zombie too."""
    try:
        pid = int(by.rpartition(":")[2])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ValueError, OSError):
        return False
    return state not in "ZX" and os.path.exists(f"/proc/{pid}")  # noqa: PTH110


def checks(held: Invariants) -> dict[str, Callable[[], Iterator[str]]]:
    names = [
        name
        for name, made in vars(Invariants).items()
        if getattr(made, "__annotations__", {}).get("return") == Iterator[str]
    ]
    return {name.replace("_", " "): getattr(held, name) for name in names}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.invariants", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("database_url")
    parser.add_argument("--publisher-log", type=Path, required=True, help="requests.jsonl, with the vintages beside it")
    parser.add_argument("--mail-log", type=Path)
    parser.add_argument("--clerk-log", type=Path)
    parser.add_argument("--readers-log", type=Path)
    parser.add_argument("--kills", type=int, default=0, help="so many letters at most may be ambiguous")
    parser.add_argument("--at-rest", action="store_true", help="all work should be done by now")
    parser.add_argument("--strict", action="store_true", help="no fault of the publisher has made bytes of its own")
    given = parser.parse_args(arguments)
    broken = 0
    with psycopg.connect(given.database_url, autocommit=True) as connection:
        connection.execute("SET default_transaction_isolation = 'repeatable read'")
        with connection.transaction():
            held = Invariants(connection, given)
            for name, check in checks(held).items():
                wrong = list(check())
                broken += len(wrong)
                print(f"{'BROKEN' if wrong else 'holds ':6}  {name}")
                for words in wrong[:5]:
                    print(f"        {words}")
    print("counted: " + ", ".join(f"{name} {count}" for name, count in sorted(held.seen.items())))
    return min(broken, 100)


if __name__ == "__main__":
    sys.exit(main())
