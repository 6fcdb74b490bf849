"""Beat and the broker only wake workers: what is sent is decided by rows, however often they are asked."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery import current_app
from django.core import mail
from django.utils import timezone

from tests.digest.sending import issue, states, subscribers
from tracker import tasks
from tracker.digest import outbox, schedule
from tracker.models import Beat, DomainPace, Issue, Subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def configured(settings):
    settings.DIGEST_PACE, settings.DIGEST_ZONE = 0, ZoneInfo("UTC")
    settings.DIGEST_HOUR = 0  # the issue is due at any time, on a Monday morning too


@pytest.fixture
def eager():
    current_app.conf.task_always_eager = current_app.conf.task_eager_propagates = True
    yield
    current_app.conf.task_always_eager = current_app.conf.task_eager_propagates = False


def last_issue(now: datetime) -> Issue:
    """Of the week that ended last, approved."""
    week, hour = schedule.expected(now)
    until = hour.replace(hour=0)
    return issue(week=week, since=until - timedelta(days=7), until=until)


def test_one_question_of_beat_ends_in_everybodys_letter_and_the_next_ones_in_none(eager):
    subscribers(5)
    made = last_issue(timezone.now())
    tasks.mail_issue()
    assert states() == {"sent": 5}
    for _ in range(2):
        tasks.mail_issue()
        tasks.mail_due()
    assert len(mail.outbox) == 5
    made.refresh_from_db()
    assert made.state == "sent"


def test_letters_whose_message_was_lost_are_sent_at_the_next_beat(eager):
    subscribers(3)
    outbox.address(last_issue(timezone.now()), now=timezone.now())
    tasks.mail_due()
    assert states() == {"sent": 3}
    assert Beat.objects.filter(name="mail").exists()


def test_who_asked_for_the_digest_is_asked_whether_it_was_they():
    now = timezone.now()
    Subscriber.objects.create(email="new@a.example", asked_at=now, confirm_wanted_at=now)
    tasks.mail_confirmations()
    tasks.mail_confirmations()
    assert [message.to for message in mail.outbox] == [["new@a.example"]]


def test_who_never_confirmed_is_forgotten():
    Subscriber.objects.create(email="old@a.example", asked_at=timezone.now() - timedelta(days=60))
    DomainPace.objects.create(domain="a.example", next_at=timezone.now() - timedelta(days=2))
    DomainPace.objects.create(domain="b.example", next_at=timezone.now())
    tasks.mail_forget()
    assert not Subscriber.objects.exists()
    assert DomainPace.objects.get().domain == "b.example"


@pytest.mark.parametrize("name", ["mail_issue", "mail_due", "mail_confirmations", "mail_forget"])
def test_beat_asks_for_it(settings, name):
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] == getattr(tasks, name).name
