"""The operator's mail: every alarm once, its healing once, and nothing that is not worth a letter."""

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model

from tests.pipeline.alarms.steps import LINES, OFFERS, OPERATOR, after, broken, mail, opened, said
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import PANEL, PRICES, Line, panel, prices
from tracker import tasks
from tracker.models import (
    Alarm,
    Beat,
)

pytestmark = pytest.mark.usefixtures("installed")


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
