"""Something of everything that the desk shows, and many of what it lists."""

from dataclasses import replace
from datetime import timedelta

from django.contrib.auth.models import User

from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import HUB, LINES, OFFERS, PANEL, PRICES, Line, panel, prices, records
from tracker.accounts import trail
from tracker.domain.records import (
    Access,
    AssessmentRecord,
    EventRecord,
    LicenceRecord,
    NewsRecord,
    ReleaseRecord,
    StatementRecord,
    When,
)
from tracker.models import (
    AIModel,
    Alias,
    Attempts,
    Conflict,
    Decision,
    DomainPace,
    Evaluation,
    EvaluationBatch,
    EvaluationHost,
    EvaluationSample,
    Insight,
    Issue,
    Lab,
    Letter,
    LicenceReading,
    LicenceText,
    MailEvent,
    Person,
    ProposedRelease,
    Release,
    Score,
    Snapshot,
    Subscriber,
    Suppression,
    Unresolved,
    WeekSeed,
)
from tracker.pipeline import conflicts, licence_changes, proposals
from tracker.pipeline.beliefs import beliefs
from tracker.sources import record_file

KNOWN = """Example Community License

1. Grant. You may use, copy and change the Works for any purpose.
2. Attribution. You must keep this notice in every copy of the Works.
3. Users. If you have more than 700 million monthly users, you must ask us for a license.
4. Warranty. The Works come without any warranty at all.
"""
STRANGERS = ("gpt-example-mini-2", "gpt-example-mini-2_high", "claude-example-4 with tools")


def evaluations() -> None:
    """A run that waits, with one sample, the machine that would do it and a week's seed."""
    run = Evaluation.objects.create(model="mock", name="Mock", suite="own-first-steps", asked_at=at(1))
    batch = EvaluationBatch.objects.create(evaluation=run, number=0, nonce="0", concurrency=1)
    EvaluationSample.objects.create(
        evaluation=run, batch=batch, item="sum/0", cluster="sum", prompt="1 + 1 = ?", target="2"
    )
    EvaluationHost.objects.create(name="worker-1", hardware={"cores": 2}, first_seen=at(1), seen_at=at(1))
    WeekSeed.objects.create(week="2026-W36", seed=1, drawn_at=at(1))


def build() -> None:
    """Facts of every kind, three names that wait, a conflict, a document that shrank and one that is broken."""
    take_in(PRICES, prices(*OFFERS), at(1))
    take_in(PANEL, panel(*LINES, *(Line(name, "gpqa_diamond", 0.3) for name in STRANGERS)), at(1))
    said = ReleaseRecord("deepseek", "deepseek-example", released=When.parse("2026-05-20"), access=Access.API)
    day = When.parse("2026-05-01")
    person = Person.objects.create(slug="ada-example", name="Ada Example")
    Alias.objects.create(kind="person", key="ada-example", name="Ada Example", person=person)
    Insight.objects.create(
        key="note:one", slug="one", kind="note", found_on=at(1).date(), title="One", summary="So", known_from=at(1)
    )
    evaluations()
    more = [
        StatementRecord("s", "Ada Example", "gap", "It narrows", day),
        EventRecord("e", "OpenAI", "release", "Something new", day),
        NewsRecord("n", "OpenAI", "A <script>alert(1)</script> headline", day),
        NewsRecord("n2", "OpenAI", "Introducing GPT Example 7", day, url="https://example.org/news/7"),
        LicenceRecord("l", "MIT", text="Permission is hereby granted"),
        LicenceRecord("k", "example-community", text=KNOWN),
        LicenceRecord("u", "Example 2", text=KNOWN.replace("700 million", "10 million")),
        AssessmentRecord("a", "gpt-example", "osai", "weights", "open"),
    ]
    filler = [replace(said, key=f"filler{n}", model=f"nobody-{n}") for n in range(6)]
    take_in(HUB, records(said, *more, *filler, url=HUB), at(1), record_file.MEDIA_TYPE)
    proposals.find(now=at(1, 12))
    LicenceReading.objects.create(
        text=LicenceText.objects.get(key="l"), text_sha256="0" * 64, terms={"commercial": "yes"}, at=at(1, 12),
        by=User.objects.create_user("reads", password="a long enough secret"),
    )  # fmt: skip
    conflicts.refresh(beliefs(None), known_at=at(1, 12), now=at(1, 12))
    trail.record(trail.Kind.LOGGED_IN, User.objects.get(username="reads"), now=at(1), client="203.0.113.7")
    _reworded()
    week = Issue.objects.create(week="2026-W36", since=at(1) - timedelta(days=1), until=at(7))
    reader = Subscriber.objects.create(email="ann@example.org", asked_at=at(1))
    MailEvent.objects.create(provider="report", event_id="1", kind="soft", subscriber=reader, at=at(1))
    Letter.objects.create(
        issue=week, subscriber=reader, message_id="<1@here>", domain="example.org", state="ambiguous",
        created_at=at(1), handed_at=at(1), last_error="The worker was gone.",
    )  # fmt: skip
    DomainPace.objects.create(domain="example.org", next_at=at(1), refused=1)
    Suppression.objects.create(address="0" * 64, why="complained", since=at(1))
    Attempts.objects.create(key="ask-by-client:0123", window=at(1), count=3)
    assert take_in(PANEL, panel(), at(2)).state == "quarantined"
    assert take_in(PRICES, b"<html>Moved</html>", at(2)).state == "quarantined"


def _reworded() -> None:
    """The community licence at a place of its own, a day later for fewer users; both are gone since."""
    known = LicenceText.objects.get(key="k")
    values = {field.attname: getattr(known, field.attname) for field in known._meta.concrete_fields}
    del values["id"]
    ended = {"key": "c", "last_snapshot_id": known.first_snapshot_id}
    fewer = KNOWN.replace("700 million", "5 million <b>users</b>")
    for hour, text in ((12, KNOWN), (13, fewer)):
        since, until = at(1, hour), at(1, hour + 1)
        told = {**ended, "text": text, "digest": f"{hour:032x}", "known_from": since, "known_to": until}
        LicenceText.objects.create(**{**values, **told})
    licence_changes.find(now=at(1, 14))


def many(count: int) -> None:
    """So many rows more in every list."""
    seen = Snapshot.objects.filter(state="ingested").first()
    model, lab = AIModel.objects.get(slug="gpt-example"), Lab.objects.get(slug="openai")
    AIModel.objects.bulk_create(AIModel(slug=f"many-{n}", name=f"Many {n}", lab=lab) for n in range(count))
    models = list(AIModel.objects.filter(slug__startswith="many-"))
    Alias.objects.bulk_create(
        Alias(kind="model", key=row.slug, name=row.name, model=row, added_by="ann") for row in models
    )
    Unresolved.objects.bulk_create(
        Unresolved(
            kind="model", key=f"who-{n}", name=f"Who {n}", endpoint=seen.endpoint, first_snapshot=seen,
            last_snapshot=seen, rows=n, example={"benchmark": "x"}, suggestion=model, suggestion_score=0.5,
        )
        for n in range(count)
    )  # fmt: skip
    Conflict.objects.bulk_create(Conflict(model=row, field="released_on", found_at=at(1)) for row in models)
    ProposedRelease.objects.bulk_create(
        ProposedRelease(
            key=f"many-{n}", name=f"Many {n}", lab=lab, pattern="mentions", reason="Because", found_at=at(1),
            seen_in=[{"words": "A title", "url": "https://example.org/", "on": "2026-09-01", "kind": "news"}],
        )
        for n in range(count)
    )  # fmt: skip
    release = Release.objects.known().first()
    score = Score.objects.known().first()
    for fact in (release, score):
        values = {field.attname: getattr(fact, field.attname) for field in fact._meta.concrete_fields}
        del values["id"]
        type(fact).objects.bulk_create(type(fact)(**{**values, "key": f"many-{n}"}) for n in range(count))
    Snapshot.objects.bulk_create(
        Snapshot(
            endpoint=endpoint(HUB), blob=seen.blob, fetched_at=at(3) + timedelta(minutes=n), state="quarantined",
            message="It shrank", counts={"refused_by": "shrinkage"},
        )
        for n in range(count)
    )  # fmt: skip


def decisions(count: int, by) -> None:
    Decision.objects.bulk_create(
        Decision(
            kind="ignore-name", table="unresolved", row=n, words=f"“Who {n}”", before={}, after={}, concerns=[],
            by=by, at=at(3), reason="Why",
        )
        for n in range(1, count + 1)
    )  # fmt: skip
