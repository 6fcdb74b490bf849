"""What is wrong is told while it is wrong, and once: documents that drift, sources and workers that fall silent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.pipeline.catalogue import write_catalogue
from tests.pipeline.steps import at, content, endpoint, in_threads, take_in
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, Line, Offer, notable, panel, prices, records
from tracker import tasks
from tracker.curation.documents import accept_quarantined, reject_quarantined
from tracker.domain import rhythm
from tracker.domain.records import NewsRecord, ScoreRecord, When
from tracker.models import (
    Alarm,
    Beat,
    DataVersion,
    DocumentShape,
    Endpoint,
    IndexRun,
    Snapshot,
    Source,
    Unresolved,
)
from tracker.pipeline import alarms, collect, ingest, leases, troubles
from tracker.sources import SOURCES
from tracker.sources.record_file import MEDIA_TYPE

pytestmark = pytest.mark.usefixtures("installed")

FEEDS = [url for url in SOURCES["lab_feeds"].urls if "openai.com" in url or "anthropic" in url][:2]
OPERATOR = ["operator@example.org"]
OFFERS = tuple(
    Offer(
        ("anthropic", "openai")[n % 2], f"{('claude', 'gpt')[n % 2]}-test-{n}",
        released=f"2025-{1 + n % 12:02}-{1 + n % 28:02}", price=0.5 + n / 4,
    )
    for n in range(40)
)  # fmt: skip
EXAMS = ("gpqa_diamond", "math_level_5", "frontiermath", "chess_puzzles")
LINES = tuple(Line(f"model-{n // 4}", EXAMS[n % 4], round(0.2 + n / 100, 4)) for n in range(48))


@pytest.fixture
def root(tmp_path):
    """A catalogue that knows every model of these documents, so that no alarm is about names."""
    root = write_catalogue(tmp_path / "catalogue")
    known = {offer.name for offer in OFFERS} | {line.model for line in LINES}
    more = "".join(f'[[model]]\nslug = "{name}"\nname = "{name}"\n' for name in sorted(known))
    with (root / "labs" / "openai.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    return root


def opened(**only) -> dict[str, str]:
    """The open alarms: severity by kind."""
    return dict(Alarm.objects.filter(closed_at=None, **only).values_list("kind", "severity"))


def said(kind: str) -> str:
    return Alarm.objects.get(kind=kind, closed_at=None).message


def after(url: str, first: bytes, second: bytes, media_type: str = "") -> Snapshot:
    """The second vintage, read a day after the first."""
    assert take_in(url, first, at(1), media_type).state == "ingested"
    assert opened() == {}
    return take_in(url, second, at(2), media_type)


def offers(**changed) -> bytes:
    return prices(*(replace(offer, **{name: change(offer) for name, change in changed.items()}) for offer in OFFERS))


# Ten second vintages that differ from the first in one thing


def test_a_renamed_column_is_quarantined_and_the_last_good_facts_stay():
    rows = [(f"Model {n}", "2025-03-01", "API access") for n in range(20)]
    take_in(NOTABLE, notable(*rows), at(1))
    facts = content()
    bad = take_in(NOTABLE, notable(*rows).replace(b"Model accessibility", b"Accessibility"), at(2))
    assert (bad.state, opened()) == ("quarantined", {"quarantined": "quarantine"})
    assert "Model accessibility" in said("quarantined")
    assert "Compare it with the last good one" in said("quarantined")
    assert content() == facts


def test_halved_rows_are_quarantined():
    assert after(PRICES, prices(*OFFERS), prices(*OFFERS[:20])).state == "quarantined"
    assert opened() == {"quarantined": "quarantine"}
    assert "where the last good document had 40" in said("quarantined")


def test_prices_by_the_token_instead_of_the_million_are_quarantined():
    take_in(PRICES, prices(*OFFERS), at(1))
    facts = content()
    bad = take_in(PRICES, offers(price=lambda offer: offer.price / 1e6), at(2))
    assert (bad.state, opened()) == ("quarantined", {"unit": "quarantine"})
    assert "1e-06 times" in bad.message
    assert content() == facts
    assert endpoint(PRICES).current.fetched_at == at(1)


def test_an_emptied_column_is_quarantined():
    bad = after(PRICES, prices(*OFFERS), offers(released=lambda offer: ""))
    assert (bad.state, opened()) == ("quarantined", {"emptied": "quarantine"})
    assert "0 of 40 release rows say released" in bad.message


def test_doubled_names_are_an_alarm():
    read = after(PANEL, panel(*LINES), panel(*LINES, *LINES[:4]))
    assert (read.state, opened()) == ("ingested", {"repeated": "alarm"})


def test_dates_in_the_future_are_an_alarm():
    read = after(
        PRICES, prices(*OFFERS), prices(*OFFERS, replace(OFFERS[0], name="claude-test-x", released="2027-05-01"))
    )
    assert (read.state, opened()) == ("ingested", {"future": "alarm"})


def test_values_out_of_range_are_refused_by_the_parser_or_by_the_benchmarks_own_bounds():
    assert take_in(PANEL, panel(*LINES, Line("model-x", "gpqa_diamond", 1.7)), at(1)).state == "quarantined"
    rows = [ScoreRecord(f"k{n}", f"model-{n}", "gpqa_diamond", 0.5) for n in range(20)]
    odd = [*rows[1:], replace(rows[0], value=1.7)]
    read = take_in(PANEL, records(*odd, url=PANEL), at(2), MEDIA_TYPE)
    assert (read.state, opened()) == ("ingested", {"range": "alarm"})
    assert "gpqa_diamond go from 0.5 to 1.7; it gives 0 to 1" in said("range")
    percent = [replace(row, value=50.0 + n) for n, row in enumerate(rows)]
    bad = take_in(PANEL, records(*percent, url=PANEL), at(3), MEDIA_TYPE)
    assert bad.state == "quarantined"
    assert opened(severity="quarantine").keys() == {"range", "unit"}


def test_reordered_rows_are_no_alarm():
    assert after(PANEL, panel(*LINES), panel(*reversed(LINES))).state == "ingested"
    assert opened() == {}


def test_one_new_benchmark_is_a_notice():
    more = [Line(f"model-{n}", "new_exam", 0.5) for n in range(12)]
    read = after(PANEL, panel(*LINES), panel(*LINES, *more))
    assert (read.state, opened()) == ("ingested", {"fields": "notice"})
    assert "benchmark new_exam" in said("fields")


def test_a_refit_is_read_with_an_alarm():
    read = after(PANEL, panel(*LINES), panel(*(replace(line, score=round(line.score * 0.97, 5)) for line in LINES)))
    assert (read.state, opened()) == ("ingested", {"changed": "alarm"})
    assert "100 % of the score rows changed at once" in said("changed")


# What follows from it


def test_a_benchmark_that_may_not_be_shown_is_in_no_message():
    more = [Line(f"model-{n}", "hidden_exam", 0.5) for n in range(12)]
    after(PANEL, panel(*LINES), panel(*LINES, *(replace(line, benchmark="Hidden Exam") for line in more)))
    assert "a benchmark that is not displayed" in said("fields")
    assert "idden" not in said("fields").replace("not displayed", "")


def test_an_alarm_closes_with_the_next_good_document_and_its_row_stays():
    refit = [replace(line, score=round(line.score * 0.97, 5)) for line in LINES]
    after(PANEL, panel(*LINES), panel(*refit))
    take_in(PANEL, panel(*refit, Line("model-x", "gpqa_diamond", 0.5)), at(3))
    assert opened() == {}
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.opened_at, alarm.closed_at) == ("changed", at(2), at(3))


def test_a_quarantine_closes_when_the_publisher_has_mended_the_document():
    after(PRICES, prices(*OFFERS), prices(*OFFERS[:20]))
    take_in(PRICES, offers(context=lambda offer: 190_000), at(3))
    assert opened() == {}


def test_another_unit_that_a_curator_accepts_is_read_and_is_the_usual_one_from_then_on():
    curator = get_user_model().objects.create_user("curator")
    cheap = offers(price=lambda offer: offer.price / 100)
    bad = after(PRICES, prices(*OFFERS), cheap)
    assert bad.state == "quarantined"
    accept_quarantined(bad, by=curator, reason="they really did", now=at(2, 9))
    read = ingest.ingest(bad.pk, now=at(2, 9, 1), by="reader")
    assert (read.state, opened()) == ("ingested", {})
    assert take_in(PRICES, offers(price=lambda offer: offer.price / 101), at(3)).state == "ingested"


def test_a_document_that_a_curator_rejects_is_no_alarm_any_more():
    curator = get_user_model().objects.create_user("curator")
    bad = after(PRICES, prices(*OFFERS), prices(*OFFERS[:20]))
    reject_quarantined(bad, by=curator, reason="a broken export", now=at(2, 9))
    alarms.look(now=at(2, 10), live=False)
    assert opened() == {}


def test_an_alarm_that_stays_is_seen_again_and_not_opened_again():
    after(PRICES, prices(*OFFERS), prices(*OFFERS[:20]))
    alarms.look(now=at(5), live=False)
    alarm = Alarm.objects.get()
    assert (alarm.opened_at, alarm.last_seen_at, alarm.closed_at) == (at(2), at(5), None)


def test_what_heals_and_breaks_again_is_another_alarm():
    after(PRICES, prices(*OFFERS), prices(*OFFERS[:20]))
    take_in(PRICES, prices(*OFFERS), at(3))
    take_in(PRICES, prices(*OFFERS[:20]), at(4))
    assert list(Alarm.objects.order_by("opened_at").values_list("kind", "opened_at", "closed_at")) == [
        ("quarantined", at(2), at(3)),
        ("quarantined", at(4), None),
    ]


def test_a_source_that_is_switched_off_raises_no_alarm():
    after(PRICES, prices(*OFFERS), prices(*OFFERS[:20]))
    Source.objects.filter(slug="models_dev").update(enabled=False)
    alarms.look(now=at(5))
    assert opened(source__slug="models_dev") == {}


def test_a_feed_may_lose_its_oldest_items():
    url = next(url for slug, source in SOURCES.items() if source.rolling for url in source.urls)

    def feed(first: int) -> bytes:
        items = [
            NewsRecord(f"n{n}", "Anthropic", f"Item {n}", When(at(1).date() - timedelta(days=60 - n)))
            for n in range(first, first + 30)
        ]
        return records(*items, url=url)

    assert after(url, feed(0), feed(25), MEDIA_TYPE).state == "ingested"
    assert opened() == {}


def test_the_shape_is_kept_only_of_what_was_read():
    take_in(PRICES, prices(*OFFERS), at(1))
    shape = DocumentShape.objects.get()
    assert shape.snapshot == endpoint(PRICES).current
    assert (shape.newest, shape.shape["price"]["rows"], shape.findings) == (max(
        When.parse(offer.released).on for offer in OFFERS
    ), 40, [])  # fmt: skip
    take_in(PRICES, b"{}", at(2))
    assert DocumentShape.objects.count() == 1


# Sources and work that fall silent; the time is an argument


def answered(url: str, when, **values) -> None:
    Endpoint.objects.filter(url=url).update(
        checked_at=when, confirmed_at=when, due_at=when + timedelta(days=1), **values
    )


def weekly(count: int = 6) -> None:
    """models.dev changes a price every third day, and on the others nothing but the order of its bytes."""
    for n in range(count):
        take_in(PRICES, prices(replace(OFFERS[0], price=1.0 + n / 10), *OFFERS[1:]), at(1 + 3 * n))


@pytest.fixture
def only_prices(installed):
    """No other address is due, so that only this one can be silent."""
    Endpoint.objects.exclude(url=PRICES).update(due_at=None)


@pytest.mark.usefixtures("only_prices")
def test_data_older_than_their_own_rhythm_are_an_alarm_although_the_source_answers():
    weekly()
    assert SOURCES["models_dev"].stale_after is None
    for late, expected in (
        (at(16) + timedelta(days=9), {}),
        (at(16) + timedelta(days=9, minutes=1), {"stale": "alarm"}),
    ):
        answered(PRICES, late)
        alarms.look(now=late)
        assert opened() == expected
    assert "used to change every 3 days; its newest datum is of 2026-09-16, although it still answers" in said("stale")
    moved = at(16) + timedelta(days=10)
    take_in(PRICES, prices(replace(OFFERS[0], price=9.0), *OFFERS[1:]), moved)
    alarms.look(now=moved)
    assert opened() == {}


@pytest.mark.usefixtures("only_prices")
def test_other_bytes_around_the_same_rows_are_no_sign_of_life():
    weekly()
    late = at(16) + timedelta(days=10)
    take_in(PRICES, b" " + prices(replace(OFFERS[0], price=1.5), *OFFERS[1:]), late)
    answered(PRICES, late)
    alarms.look(now=late)
    assert opened() == {"stale": "alarm"}


@pytest.mark.usefixtures("only_prices")
def test_what_the_source_declares_goes_before_what_its_past_shows():
    weekly()
    Source.objects.filter(slug="models_dev").update(stale_after=timedelta(days=40))
    for days, expected in ((39, {}), (41, {"stale": "alarm"})):
        late = at(16) + timedelta(days=days)
        answered(PRICES, late)
        alarms.look(now=late)
        assert opened() == expected


def test_the_first_document_ever_was_old_when_it_was_met():
    first, second = at(1), at(9)
    named = at(1).date() - timedelta(days=300)
    assert rhythm.newest_datum(first, named, only_met=True).date() == named
    assert rhythm.newest_datum(second, named, only_met=False) == second
    assert rhythm.newest_datum(first, None, only_met=True) == first
    assert rhythm.newest_datum(None, None, only_met=True) is None


def feed(day: int, lab: str) -> bytes:
    """Three notices a week, the newest of this day of September."""
    return (
        "<rss version='2.0'><channel><title>Example</title>"
        + "".join(
            f"<item><title>{lab} {n}</title><link>https://{lab}.example/{n}</link>"
            f"<pubDate>{n:02} Sep 2026 00:00:00 GMT</pubDate></item>"
            for n in range(day, 0, -2)
        )
        + "</channel></rss>"
    ).encode()


def test_a_feed_that_fell_silent_is_an_alarm_although_the_other_feeds_of_the_source_go_on():
    one, other = FEEDS
    Endpoint.objects.exclude(url__in=FEEDS).update(due_at=None)
    for day in (3, 5, 7, 9):
        take_in(one, feed(day, "openai"), at(day))
        take_in(other, feed(day, "anthropic"), at(day))
    for day in range(11, 23, 2):
        take_in(other, feed(day, "anthropic"), at(day))
        for url in FEEDS:
            answered(url, at(day))
        alarms.look(now=at(day))
        silent = list(Alarm.objects.filter(kind="stale", closed_at=None).values_list("endpoint__url", flat=True))
        assert silent == ([one] if day >= 17 else [])
    assert f"{one} used to change every 2 days; its newest datum is of 2026-09-09" in said("stale")
    take_in(one, feed(23, "openai"), at(23))
    alarms.look(now=at(23))
    assert "stale" not in opened()


@pytest.mark.usefixtures("only_prices")
def test_a_source_that_never_answered_is_an_alarm_after_two_of_its_intervals(publisher, fetching):
    pk, day = endpoint(PRICES).pk, timedelta(days=1)
    for n in range(4):
        now = at(1) + n * day
        attempt = collect.collect(pk, now=now, by="one", fetching=fetching, force=True)
        assert attempt.outcome == "refused"
        alarms.look(now=now)
        assert opened() == ({"never": "alarm"} if n > 2 else {})
    assert "has never answered, at least since 2026-09-01" in said("never")
    publisher.put(PRICES, prices(*OFFERS))
    attempt = collect.collect(pk, now=at(6), by="one", fetching=fetching, force=True)
    ingest.ingest(attempt.snapshot_id, now=at(6), by="one")
    alarms.look(now=at(6))
    assert opened() == {}


@pytest.mark.usefixtures("only_prices")
def test_a_source_that_answered_once_and_fails_since_is_an_alarm(publisher, fetching):
    pk, day = endpoint(PRICES).pk, timedelta(days=1)
    publisher.put(PRICES, prices(*OFFERS))
    attempt = collect.collect(pk, now=at(1), by="one", fetching=fetching, force=True)
    ingest.ingest(attempt.snapshot_id, now=at(1), by="one")
    publisher.fail(PRICES, "500")
    for n in range(1, 5):
        collect.collect(pk, now=at(1) + n * day, by="one", fetching=fetching, force=True)
        alarms.look(now=at(1) + n * day)
        assert opened() == ({"failing": "alarm"} if n > 2 else {})
    assert "has not answered since 2026-09-01" in said("failing")


@pytest.mark.usefixtures("only_prices")
def test_what_is_due_and_nobody_asks_is_an_alarm():
    alarms.look(now=at(4))
    assert opened() == {"never": "alarm"}
    assert "no worker takes it up" in said("never")


def test_an_installation_that_asks_nobody_waits_for_no_answer():
    alarms.look(now=at(28), live=False)
    assert opened() == {}


def test_a_source_with_many_silent_addresses_is_one_alarm():
    many = max(SOURCES.values(), key=lambda source: len(source.urls) if source.every else 0)
    Endpoint.objects.exclude(source__slug=many.slug).update(due_at=None)
    alarms.look(now=at(28) + timedelta(days=200))
    assert list(Alarm.objects.values_list("kind", "source__slug")) == [("never", many.slug)]
    assert f"and {len(many.urls) - 1} other addresses of it" in said("never")


def test_a_question_that_no_worker_takes_up_is_an_alarm():
    Beat.objects.create(name="ingest", at=at(1))
    Beat.objects.create(name="collect", at=at(1, 6, 20))
    alarms.look(now=at(1, 6, 15), live=False)
    assert opened() == {}
    alarms.look(now=at(1, 6, 16), live=False)
    assert opened() == {"silent": "stopped"}
    assert Alarm.objects.get().subject == "question:ingest"
    assert "'ingest' since 2026-09-01 06:00 UTC" in said("silent")
    Beat.objects.filter(name="ingest").update(at=at(1, 6, 17))
    alarms.look(now=at(1, 6, 18), live=False)
    assert opened() == {}


def test_a_document_that_waits_longer_than_two_leases_is_an_alarm():
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*OFFERS), fetched_at=at(1), media_type="")
    alarms.look(now=at(1) + 2 * ingest.LEASE, live=False)
    assert opened() == {}
    alarms.look(now=at(1) + 2 * ingest.LEASE + timedelta(seconds=1), live=False)
    assert opened() == {"unread": "stopped"}
    ingest.ingest(snapshot.pk, now=at(1, 7), by="reader")
    alarms.look(now=at(1, 7), live=False)
    assert opened() == {}


def test_two_leases_are_what_the_alarm_waits_for():
    assert troubles.UNREAD_AFTER == 2 * ingest.LEASE


def run(created, **values) -> IndexRun:
    version = DataVersion.objects.get().value
    given = {"as_of": created.date(), "known_at": created, "data_version": version, "method": "m"} | values
    return IndexRun.objects.create(created_at=created, **given)


def test_an_index_run_that_is_not_done_after_two_hours_is_an_alarm_and_one_of_the_past_is_none():
    run(at(1), historic=True)
    waiting = run(at(2))
    alarms.look(now=at(2, 8), live=False)
    assert opened() == {}
    alarms.look(now=at(2, 8, 1), live=False)
    assert opened() == {"index": "stopped"}
    IndexRun.objects.filter(pk=waiting.pk).update(state=IndexRun.State.DONE)
    alarms.look(now=at(2, 9), live=False)
    assert opened() == {}


def test_an_index_that_cannot_be_computed_is_an_alarm():
    run(at(2), state=IndexRun.State.DONE, last_error="no anchor is among the models")
    alarms.look(now=at(2, 7), live=False)
    assert opened() == {"index": "stopped"}
    assert "no anchor is among the models" in said("index")


def test_a_tenth_of_a_source_that_waits_for_names_is_an_alarm():
    unknown = [Line(f"nobody-{n}", "gpqa_diamond", 0.5) for n in range(50)]
    take_in(PANEL, panel(*LINES, *unknown), at(1))
    alarms.look(now=at(1, 7), live=False)
    assert opened() == {"names": "alarm"}
    assert "names that nobody has explained" in said("names")
    Unresolved.objects.update(state=Unresolved.State.IGNORED)
    alarms.look(now=at(1, 8), live=False)
    assert opened() == {}


# The operator's mail


def broken() -> None:
    take_in(PRICES, prices(*OFFERS), at(1))
    take_in(PRICES, prices(*OFFERS[:20]), at(2))


def mail(now, to=OPERATOR) -> int:
    return alarms.mail(to=to, sender="landscape@example.org", now=now)


def test_an_alarm_is_mailed_once_and_its_healing_once(mailoutbox):
    broken()
    assert [mail(at(2, 6, 10)), mail(at(2, 6, 15)), mail(at(9))] == [1, 0, 0]
    (letter,) = mailoutbox
    assert (letter.subject, letter.to) == ("AI landscape: 1 new alarm", OPERATOR)
    assert letter.from_email == "landscape@example.org"
    assert letter.content_subtype == "plain"
    assert said("quarantined") in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    take_in(PRICES, prices(*OFFERS), at(10))
    assert [mail(at(10)), mail(at(11))] == [1, 0]
    assert mailoutbox[1].subject == "AI landscape: 1 healed"
    assert "document not believed (models.dev" in mailoutbox[1].body


def test_new_alarms_go_out_in_one_letter_the_worst_first(mailoutbox):
    broken()
    after_refit = [replace(line, score=round(line.score * 0.97, 5)) for line in LINES]
    take_in(PANEL, panel(*LINES), at(1))
    take_in(PANEL, panel(*after_refit), at(2))
    assert mail(at(2, 7)) == 2
    (letter,) = mailoutbox
    assert letter.subject == "AI landscape: 2 new alarms"
    assert letter.body.index("QUARANTINE: ") < letter.body.index("ALARM: ")


def test_what_is_gone_at_the_second_look_is_never_mailed(mailoutbox):
    broken()
    assert mail(at(2, 6, 9)) == 0
    take_in(PRICES, prices(*OFFERS), at(2, 6, 9))
    assert mail(at(3)) == 0
    assert mailoutbox == []


def test_a_notice_is_not_mailed(mailoutbox):
    after(PANEL, panel(*LINES), panel(*LINES, *(Line(f"model-{n}", "new_exam", 0.5) for n in range(12))))
    assert opened() == {"fields": "notice"}
    assert mail(at(3)) == 0


def test_what_was_acknowledged_is_not_mailed(mailoutbox):
    broken()
    who = get_user_model().objects.create_user("operator")
    Alarm.objects.update(acknowledged_by=who, acknowledged_at=at(2, 7), reason="seen")
    assert mail(at(3)) == 0


def test_without_an_address_nothing_is_mailed_and_the_log_says_it(mailoutbox, caplog):
    caplog.set_level("WARNING")
    broken()
    assert mail(at(3), to=[]) == 0
    assert mailoutbox == []
    assert "alarm opened: document not believed" in caplog.text
    # An address that is given later hears what is still open.
    assert mail(at(4)) == 1


def test_a_letter_that_cannot_be_sent_is_tried_again(settings, mailoutbox, caplog):
    broken()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert mail(at(3)) == 0
    assert "could not be told of 1 alarms" in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail(at(3, 7)) == 1
    assert len(mailoutbox) == 1


def test_beats_question_looks_mails_and_leaves_proof(settings, mailoutbox):
    settings.ADMINS = [("Operator", "operator@example.org")]
    broken()
    tasks.collect_alarms()
    assert opened()["quarantined"] == "quarantine"
    assert [letter.to for letter in mailoutbox] == [OPERATOR]
    assert Beat.objects.filter(name="alarms").exists()


def test_beat_asks_for_alarms(settings):
    assert settings.CELERY_BEAT_SCHEDULE["collect_alarms"]["task"] == tasks.collect_alarms.name


# What the database holds


def test_an_alarm_is_never_deleted():
    broken()
    with pytest.raises(IntegrityError, match="closed, never deleted"), transaction.atomic():
        Alarm.objects.all().delete()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("one_open_alarm_per_subject", {}),
        ("alarm_has_a_message", {"subject": "other", "message": ""}),
        ("alarm_seen_after_it_opened", {"subject": "other", "last_seen_at": at(1)}),
        ("alarm_seen_after_it_opened", {"subject": "other", "closed_at": at(1)}),
        ("alarm_acknowledged_by_at_and_why", {"subject": "other", "acknowledged_at": at(3)}),
        ("alarm_acknowledged_by_at_and_why", {"subject": "other", "reason": "because"}),
        ("alarm_healing_mailed_once_closed", {"subject": "other", "healing_mailed_at": at(3)}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(refused, constraint, values):
    plain = {
        "kind": "rows",
        "subject": "one",
        "severity": "alarm",
        "message": "m",
        "opened_at": at(2),
        "last_seen_at": at(2),
    }
    Alarm.objects.create(**plain)
    with refused(constraint):
        Alarm.objects.create(**plain | values)


def test_a_clock_that_runs_behind_closes_an_alarm_all_the_same():
    broken()
    alarms.look(now=at(5), live=False)
    Snapshot.objects.filter(state="quarantined").update(state="rejected")
    alarms.look(now=at(4), live=False)
    assert Alarm.objects.get().closed_at == at(5)


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_the_same_time_open_one_alarm_and_send_one_letter(mailoutbox):
    take_in(PRICES, prices(*OFFERS), at(1))
    snapshot, _ = collect.keep(endpoint(PRICES), prices(*OFFERS[:20]), fetched_at=at(2), media_type="")
    leases.claim(Snapshot.objects.filter(pk=snapshot.pk), now=at(2), lease=ingest.LEASE, by="other")
    Snapshot.objects.filter(pk=snapshot.pk).update(state="quarantined", message="too few rows")
    in_threads(4, lambda number: alarms.look(now=at(2), live=False))
    assert Alarm.objects.count() == 1
    in_threads(4, lambda number: mail(at(3)))
    assert len(mailoutbox) == 1


def test_looking_takes_as_many_queries_however_much_is_wrong():
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            alarms.look(now=at(20))
        return len(found)

    take_in(PRICES, prices(*OFFERS), at(1))
    asked()
    few = asked()
    take_in(PRICES, prices(*OFFERS[:20]), at(2))
    take_in(PANEL, panel(*LINES), at(1))
    take_in(PANEL, panel(*(replace(line, score=round(line.score * 0.97, 5)) for line in LINES)), at(2))
    take_in(NOTABLE, b"nothing", at(2))
    asked()
    assert asked() <= few + 2 <= 40
