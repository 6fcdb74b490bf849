"""Mondays: when an issue is due, what a late, a doubled and a lost question change, and what a person must decide."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.digest.sending import issue, states, subscribers
from tests.pipeline.steps import in_threads
from tracker.digest import schedule
from tracker.models import Issue, Letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installed")]


@pytest.fixture
def installed(settings, db, tmp_path):
    from tests.pipeline.catalogue import write_catalogue
    from tracker.pipeline.catalog import load_catalog

    settings.DIGEST_ZONE, settings.DIGEST_HOUR, settings.DIGEST_AUTOMATIC = ZoneInfo("UTC"), 7, True
    load_catalog(now=datetime(2026, 1, 1, tzinfo=UTC), root=write_catalogue(tmp_path / "catalogue"))


def utc(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def weeks() -> list[str]:
    return sorted(Issue.objects.values_list("week", flat=True))


def test_on_monday_at_its_hour_the_week_that_ended_is_frozen_approved_and_addressed():
    subscribers(3)
    assert schedule.due(now=utc(11, 16, 6, 59)) == []
    assert weeks() == []
    done = schedule.due(now=utc(11, 16, 7))
    assert [words.rpartition(" is ")[2] for words in done[:2]] == ["frozen", "approved"]
    made = Issue.objects.get()
    assert (made.week, made.state, made.approved_by) == ("2026-W46", "approved", None)
    assert (made.since, made.until) == (utc(11, 9), utc(11, 16))
    assert Letter.objects.filter(issue=made).count() == 3


def test_the_second_beat_and_every_later_question_change_nothing():
    subscribers(3)
    schedule.due(now=utc(11, 16, 7))
    before = list(Issue.objects.values()), list(Letter.objects.values())
    for minutes in (0, 1, 60, 24 * 60, 6 * 24 * 60):
        assert schedule.due(now=utc(11, 16, 7) + timedelta(minutes=minutes)) == []
    assert (list(Issue.objects.values()), list(Letter.objects.values())) == before


@pytest.mark.django_db(transaction=True)
def test_ten_workers_asked_at_once_make_one_issue_and_one_letter_each():
    subscribers(20)
    said = in_threads(10, lambda number: schedule.due(now=utc(11, 16, 7)))
    assert sum("approved" in words for done in said for words in done) == 1
    assert sum("letters to send" in words for done in said for words in done) == 1
    assert weeks() == ["2026-W46"]
    assert sum(states().values()) == 20


@pytest.mark.parametrize("late", [utc(11, 16, 23), utc(11, 18, 3), utc(11, 22, 23, 59)])
def test_a_machine_that_was_down_on_monday_does_it_later_in_the_week(late):
    subscribers(1)
    assert schedule.due(now=late)
    assert weeks() == ["2026-W46"]


def test_weeks_that_were_missed_altogether_are_not_made_up_for():
    subscribers(1)
    schedule.due(now=utc(10, 5, 7))
    schedule.due(now=utc(11, 2, 7))
    assert weeks() == ["2026-W40", "2026-W44"]


def test_an_editor_who_wants_to_see_every_issue_is_waited_for(settings):
    settings.DIGEST_AUTOMATIC = False
    subscribers(2)
    assert len(schedule.due(now=utc(11, 16, 7))) == 1
    assert Issue.objects.get().state == "built"
    assert not Letter.objects.exists()
    Issue.objects.update(state="approved", approved_at=utc(11, 17, 12))
    schedule.due(now=utc(11, 17, 12, 5))
    assert states() == {"waiting": 2}


def test_an_issue_that_is_withheld_goes_nowhere():
    subscribers(2)
    issue(state="withheld")
    assert schedule.due(now=utc(11, 16, 7)) == []
    assert not Letter.objects.exists()


def test_who_subscribes_after_the_issue_went_out_gets_the_next_one():
    subscribers(2)
    schedule.due(now=utc(11, 16, 7))
    subscribers(1, first=2)
    schedule.due(now=utc(11, 16, 8))
    assert Letter.objects.count() == 2
    schedule.due(now=utc(11, 23, 7))
    assert Letter.objects.filter(issue__week="2026-W47").count() == 3


# The calendar


@pytest.mark.parametrize(
    ("zone", "now", "week"),
    [
        ("UTC", utc(1, 4, 7, year=2027), "2026-W53"),
        ("UTC", utc(1, 11, 7, year=2027), "2027-W01"),
        ("UTC", utc(3, 4, 7, year=2024), "2024-W09"),  # it holds 29 February
        ("UTC", utc(1, 5, 7, year=2026), "2026-W01"),
        ("Pacific/Kiritimati", utc(11, 15, 17), "2026-W46"),  # already Monday, seven o'clock
        ("Pacific/Kiritimati", utc(11, 15, 16, 59), None),
        ("Pacific/Pago_Pago", utc(11, 16, 17, 59), None),
        ("Pacific/Pago_Pago", utc(11, 16, 18), "2026-W46"),
        ("Europe/Berlin", utc(3, 30, 4, 59), None),  # the clocks went forward on Sunday
        ("Europe/Berlin", utc(3, 30, 5), "2026-W13"),
        ("Europe/Berlin", utc(10, 26, 5, 59), None),  # and back
        ("Europe/Berlin", utc(10, 26, 6), "2026-W43"),
    ],
)
def test_the_hour_is_the_zones_and_the_week_is_isos(settings, zone, now, week):
    settings.DIGEST_ZONE = ZoneInfo(zone)
    named = schedule.last_week(now)
    due = now >= schedule.hour_of(named)
    assert due == (week is not None)
    assert week in (None, named)


def test_a_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer(settings):
    settings.DIGEST_ZONE = ZoneInfo("Europe/Berlin")
    schedule.due(now=utc(3, 30, 5))
    schedule.due(now=utc(10, 26, 6))
    lengths = {one.week: one.until - one.since for one in Issue.objects.all()}
    assert lengths == {"2026-W13": timedelta(days=7, hours=-1), "2026-W43": timedelta(days=7, hours=1)}


def test_an_hour_that_the_clocks_leave_out_is_the_one_after(settings):
    # Cairo leaves out the hour from midnight on a Friday; no zone does so on a Monday at present, Amman did in 1985.
    settings.DIGEST_ZONE, settings.DIGEST_HOUR = ZoneInfo("Asia/Amman"), 0
    assert schedule.hour_of("1985-W13").astimezone(UTC) == datetime(1985, 3, 31, 22, tzinfo=UTC)


def test_every_monday_of_thirty_years_has_one_issue_whatever_the_calendar_does(settings):
    settings.DIGEST_ZONE, settings.DIGEST_HOUR = ZoneInfo("America/Sao_Paulo"), 2
    now, seen = datetime(2005, 1, 3, 12, tzinfo=UTC), []
    while now.year < 2035:
        week = schedule.last_week(now)
        assert schedule.hour_of(week) <= now
        seen.append(week)
        now += timedelta(days=7)
    assert len(set(seen)) == len(seen) == 1565
    assert [week for week in seen if week.endswith("W53")] == [
        f"{year}-W53" for year in (2004, 2009, 2015, 2020, 2026, 2032)
    ]
