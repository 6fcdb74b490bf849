"""What follows from an alarm: it closes, stays, comes again, or is a curator's to settle."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from tests.pipeline.alarms.steps import LINES, OFFERS, after, offers, opened, said
from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import PANEL, PRICES, Line, panel, prices, records
from tracker.curation.documents import accept_quarantined, reject_quarantined
from tracker.domain.records import NewsRecord, When
from tracker.models import (
    Alarm,
    DocumentShape,
    Source,
)
from tracker.pipeline import alarms, ingest
from tracker.sources import SOURCES
from tracker.sources.record_file import MEDIA_TYPE

pytestmark = pytest.mark.usefixtures("installed")


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
