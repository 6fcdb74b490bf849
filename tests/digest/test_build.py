"""An issue is read from what was known at its week's end, and frozen once, with its pictures."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.pages.world import ENTRANTS, prices, releases, scores
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, records
from tracker.digest import build
from tracker.domain.notable import HEADLINE, Content
from tracker.models import Decision, Endpoint, Event, Fetch, IndexRun, Issue, Snapshot, Source
from tracker.pipeline import collect, ingest, recompute
from tracker.queries.runs import end_of
from tracker.queries.week import Span
from tracker.sources.record_file import MEDIA_TYPE

UTC_ZONE = ZoneInfo("UTC")
WEEK = "2026-W36"  # of the world's second vintage
MONDAY = datetime(2026, 9, 7, 7, tzinfo=UTC)


def read(week=WEEK, now=MONDAY, zone=UTC_ZONE):
    return build.content(week, zone=zone, now=now)


def issue(week=WEEK):
    return build.draft(week, zone=UTC_ZONE, now=MONDAY)


def item(content, name):
    return next(one for one in content.items if one.id == name)


def test_a_week_is_that_of_the_readers_clock():
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert build.week_of(moment, UTC_ZONE) == "2026-W47"
    assert build.week_of(moment, ZoneInfo("Europe/Berlin")) == "2026-W48"
    assert build.week_of(datetime(2027, 1, 3, 12, tzinfo=UTC), UTC_ZONE) == "2026-W53"


def test_a_week_in_which_clocks_change_has_another_hour():
    begin, end = build.bounds("2026-W43", ZoneInfo("Europe/Berlin"))
    assert (begin.hour, end.hour, end.date()) == (0, 0, date(2026, 10, 26))
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(days=7, hours=1)


@pytest.mark.parametrize("week", ["2026-W54", "2026-47", "nonsense", "2025-W53", "2026-W00"])
def test_a_week_that_there_is_not_is_refused(week):
    with pytest.raises(ValueError, match=r"W|week"):
        build.bounds(week, UTC_ZONE)


@pytest.mark.parametrize(
    ("zone", "last"),
    [
        ("UTC", date(2026, 11, 22)),
        ("Europe/Berlin", date(2026, 11, 22)),
        ("America/Los_Angeles", date(2026, 11, 22)),
        ("Asia/Tokyo", date(2026, 11, 21)),
        ("Pacific/Auckland", date(2026, 11, 21)),
    ],
)
def test_knowledge_ends_with_a_whole_day_and_issues_leave_no_hour_out(zone, last):
    now = datetime(2027, 1, 1, tzinfo=UTC)
    spans = [
        Span.of(week, *build.bounds(week, ZoneInfo(zone)), now=now) for week in ("2026-W46", "2026-W47", "2026-W48")
    ]
    assert spans[1].as_of == last
    assert spans[1].known == end_of(last)
    assert [span.since for span in spans[1:]] == [span.known for span in spans[:2]]


def test_a_week_that_runs_is_told_as_far_as_it_is_known(db):
    now = datetime(2026, 11, 18, 9, tzinfo=UTC)
    span = Span.of("2026-W47", *build.bounds("2026-W47", UTC_ZONE), now=now)
    assert (span.as_of, span.known) == (date(2026, 11, 18), now)
    with pytest.raises(ValueError, match="has not begun"):
        build.content("2026-W48", zone=UTC_ZONE, now=now)


def test_an_empty_installation_has_a_quiet_issue(db):
    content = read()
    assert (content.items, content.quiet) == ((), True)


def test_an_issue_tells_what_changed_between_two_runs(world):
    content = read()
    assert content.items[0].id == HEADLINE
    assert "months, 0.2 more than a week ago" in content.items[0].title
    assert "Acme 13" in item(content, "frontier:closed:acme-13").title
    assert item(content, "data:beliefs").title.startswith("Birch 1: the number of parameters is now 33 billion")
    assert item(content, "data:corrections").title.endswith("1 corrected")


def test_a_week_later_nothing_of_it_is_news(world):
    content = read("2026-W37", MONDAY + timedelta(days=7))
    assert content.quiet
    assert [one.id for one in content.items] == [HEADLINE]


def test_an_issue_asks_the_database_little_and_takes_a_moment(world):
    with CaptureQueriesContext(connection) as queries:
        read()
    assert len(queries) <= 45


def learn(url, rows, at):
    """Another vintage of a document, read."""
    body = records(*rows, url=url, on=at.date())
    kept, _ = collect.keep(Endpoint.objects.get(url=url), body, fetched_at=at, media_type=MEDIA_TYPE)
    assert ingest.ingest(kept.pk, now=at, by="test").state == Snapshot.State.INGESTED


def october():
    """Everything that an issue tells of changes afterwards: facts, prices, a run, decisions, answers of sources."""
    from dataclasses import replace

    third = datetime(2026, 10, 1, 6, tzinfo=UTC)
    abler = [replace(one, ability=one.ability + 0.4, parameters=1.25 * (one.parameters or 8e9)) for one in ENTRANTS]
    learn(PANEL, scores(abler), third)
    learn(NOTABLE, releases(abler), third)
    learn(PRICES, [replace(row, input=9.99) for row in prices(ENTRANTS, "example-host")], third)
    Event.objects.filter(key="acme-funding").update(known_to=third, last_snapshot=Snapshot.objects.first())
    panel = Endpoint.objects.get(url=PANEL)
    panel.source.enabled = False
    panel.source.save()
    Fetch.objects.create(endpoint=panel, started_at=third, seconds=1, outcome=Fetch.Outcome.UNCHANGED)
    recompute.plan(now=third)
    newest = IndexRun.objects.filter(historic=False).latest("known_at")
    assert newest.known_at == third
    recompute.headline(newest.pk, clock=lambda: third, by="test")


@pytest.mark.parametrize("week", ["2026-W14", WEEK, "2026-W37"])
def test_an_issue_read_again_after_more_was_learned_has_the_same_bytes(world, week):
    _, until = build.bounds(week, UTC_ZONE)
    then = str(read(week, until).plain())
    assert str(read(week, until).plain()) == then
    october()
    assert str(read(week, datetime(2026, 10, 5, tzinfo=UTC)).plain()) == then
    # And what was learned does change the issue of its own week.
    assert not read("2026-W40", datetime(2026, 10, 5, tzinfo=UTC)).quiet


def test_a_frozen_issue_is_read_from_the_run_that_it_stands_on(world):
    frozen = build.freeze(issue(), now=MONDAY)
    run = frozen.run
    later = IndexRun.objects.create(
        known_at=run.known_at + timedelta(hours=1), as_of=run.as_of, data_version=99, method=run.method, state="done",
        draws=1, historic=True, created_at=MONDAY,
    )  # fmt: skip
    assert later.known_at <= end_of(date(2026, 9, 6))
    assert read().plain() == Content.read(frozen.content).plain()


def test_freezing_keeps_words_and_pictures_with_what_they_show(world):
    frozen = build.freeze(issue(), now=MONDAY)
    assert (frozen.state, frozen.built_at) == (Issue.State.BUILT, MONDAY)
    assert Content.read(frozen.content) == Content.read(Issue.objects.get(pk=frozen.pk).content)
    assert Content.read(frozen.content) == read()
    images = {image.name: image for image in frozen.images.all()}
    assert set(images) == {"frontier", "lag"}
    for image in images.values():
        assert bytes(image.png).startswith(b"\x89PNG")
        assert "points" in image.alt or "months" in image.alt


def test_freezing_twice_changes_nothing(world):
    first = build.freeze(issue(), now=MONDAY)
    again = build.freeze(issue(), now=MONDAY + timedelta(days=30))
    assert (again.pk, again.built_at, again.images.count()) == (first.pk, MONDAY, 2)


def test_the_database_refuses_other_words_for_a_frozen_issue(world):
    frozen = build.freeze(issue(), now=MONDAY)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Issue.objects.filter(pk=frozen.pk).update(content={"other": "words"})


def test_a_week_that_is_not_over_is_not_frozen(world):
    with pytest.raises(build.NotYet, match="ends at 2026-09-07 00:00 UTC"):
        build.freeze(issue(), now=MONDAY - timedelta(hours=8))
    assert Issue.objects.get().state == Issue.State.DRAFT


def test_a_run_of_the_week_that_is_being_computed_is_waited_for_but_not_for_ever(world):
    IndexRun.objects.create(
        known_at=datetime(2026, 9, 6, 20, tzinfo=UTC), as_of=date(2026, 9, 6), data_version=99, method="m",
        created_at=MONDAY,
    )  # fmt: skip
    with pytest.raises(build.NotYet, match="still being computed"):
        build.freeze(issue(), now=MONDAY)
    assert build.freeze(issue(), now=MONDAY + timedelta(hours=6)).state == Issue.State.BUILT


def test_an_issue_that_is_withheld_is_left_alone(world):
    Issue.objects.filter(pk=issue().pk).update(state=Issue.State.WITHHELD)
    left = build.freeze(issue(), now=MONDAY)
    assert (left.state, left.content) == (Issue.State.WITHHELD, None)


def test_the_desks_hand_is_put_to_what_was_frozen(world):
    frozen = build.freeze(issue(), now=MONDAY)
    frozen.dropped, frozen.order = [HEADLINE], ["data:beliefs"]
    arranged = build.arranged(frozen, build.said(frozen, now=MONDAY))
    assert arranged.items[0].id == "data:beliefs"
    assert arranged.subject == arranged.items[0].title
    assert HEADLINE not in {one.id for one in arranged.items}


def test_a_model_that_was_put_under_another_licence_is_told_with_what_it_was(world):
    from tracker.models import Licence, ModelState
    from tracker.queries import runs

    now = ModelState.objects.filter(run_id=runs.run_for(date(2026, 9, 6)).id, model__slug="birch-1")
    now.update(licence=Licence.objects.get(slug="example-community"))
    terms = item(read(), "relicensed:birch-1")
    assert terms.title == "Birch 1 is now under Example Community License"
    assert terms.text.startswith("It was MIT License.")


def test_the_clause_on_commercial_use_is_quoted_from_the_licence_as_it_was_read(world):
    from tracker.models import Licence, ModelState
    from tracker.queries import runs

    licence = Licence.objects.get(slug="example-community")
    quote = {"fact": "commercial", "quote": "ask us first", "where": "3", "document": "licence"}
    licence.terms = {**licence.terms, "clauses": [quote]}
    licence.save()
    now = ModelState.objects.filter(run_id=runs.run_for(date(2026, 9, 6)).id, model__slug="birch-1")
    now.update(licence=licence)
    assert "say (clause 3): “ask us first”." in item(read(), "relicensed:birch-1").text


def test_a_source_fell_silent_as_far_as_was_known_that_week(world):
    Source.objects.exclude(slug="epoch_panel").update(stale_after=None)
    Source.objects.filter(slug="epoch_panel").update(stale_after=timedelta(days=10))
    silent = item(read("2026-W38", datetime(2026, 9, 21, tzinfo=UTC)), "ahead:stale")
    assert "for 19 days (it may for 10)" in silent.text
    assert not any(one.id == "ahead:stale" for one in read().items)


def test_what_a_curator_set_aside_is_told_unless_it_was_taken_back(world, django_user_model):
    from tracker.curation import switch_source, undo

    ann = django_user_model.objects.create_user("ann", password="a long enough secret")
    source = Source.objects.get(slug="epoch_panel")
    at = datetime(2026, 9, 3, 9, tzinfo=UTC)
    done = switch_source(source, enabled=False, by=ann, reason="Moved", now=at)
    assert "is no longer asked" in item(read(), "decision:source-off:epoch_panel").title
    undo(done.decisions[0], by=ann, reason="It is back", now=at + timedelta(days=5))
    assert item(read(), "decision:source-off:epoch_panel").title  # taken back after that week
    assert Decision.objects.count() == 2
    done = switch_source(source, enabled=False, by=ann, reason="Moved", now=at + timedelta(days=7))
    undo(done.decisions[0], by=ann, reason="It is back", now=at + timedelta(days=8))
    later = read("2026-W37", MONDAY + timedelta(days=7))
    assert not any(one.id == "decision:source-off:epoch_panel" for one in later.items)
