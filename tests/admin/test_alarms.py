"""Alarms at the desk: what waits stands first, taking note of one is a decision, and whoever curates may look."""

import importlib

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from tests.admin.reading import listed, page
from tests.pipeline.steps import at
from tracker.models import Alarm, Decision

LIST = reverse("admin:tracker_alarm_changelist")
pytestmark = pytest.mark.usefixtures("world")


def three() -> tuple[Alarm, Alarm, Alarm]:
    """One that waits, one that somebody took note of, one that healed."""
    who = User.objects.create_user("operator")
    plain = {"kind": "stale", "severity": "alarm", "message": "m", "opened_at": at(1), "last_seen_at": at(2)}
    seen = {"acknowledged_by": who, "acknowledged_at": at(2), "reason": "Known"}
    return (
        Alarm.objects.create(subject="one", **plain),
        Alarm.objects.create(subject="two", **plain, **seen),
        Alarm.objects.create(subject="three", **plain, closed_at=at(3)),
    )


def test_the_list_shows_what_waits_and_the_rest_for_the_asking(desk):
    waiting, seen, healed = (alarm.pk for alarm in three())
    rows = {
        name: listed(desk, LIST, state=name, kind__exact="stale") for name in ("open", "acknowledged", "healed", "all")
    }
    assert rows == {
        "open": {waiting}, "acknowledged": {seen}, "healed": {healed}, "all": {waiting, seen, healed},
    }  # fmt: skip
    assert listed(desk, LIST, kind__exact="stale") == {waiting}


def test_the_list_is_narrowed_to_one_source(desk):
    alarm = Alarm.objects.filter(closed_at=None, source__slug="models_dev").first()
    assert alarm.pk in listed(desk, LIST, source__id__exact=alarm.source_id)
    others = Alarm.objects.exclude(source__slug="models_dev").values_list("pk", flat=True)
    assert not listed(desk, LIST, source__id__exact=alarm.source_id) & set(others)


def test_an_alarm_is_acknowledged_on_its_page_and_the_ledger_knows_it(desk, curator):
    alarm = Alarm.objects.filter(closed_at=None, severity="quarantine").first()
    shown = desk.get(page(alarm)).content.decode()
    assert "The document in quarantine" in shown
    assert "Acknowledge" in shown
    desk.post(page(alarm), {"reason": "They are moving"})
    alarm.refresh_from_db()
    decision = Decision.objects.get()
    assert (decision.kind, decision.by, decision.reason) == ("acknowledge-alarm", curator, "They are moving")
    assert alarm.acknowledged_by == curator
    after = desk.get(page(alarm)).content.decode()
    assert "Acknowledged by ann" in after
    assert "Take note" not in after
    desk.post(page(alarm), {"reason": "Again"})
    assert Decision.objects.count() == 1


def test_a_reason_is_asked_for(desk):
    alarm = Alarm.objects.filter(closed_at=None).first()
    assert "This field is required" in desk.post(page(alarm), {"reason": ""}).content.decode()
    assert not Decision.objects.exists()


def test_curators_may_look_at_alarms_and_shapes_and_do_nothing_to_them_by_hand(db):
    from django.apps import apps

    Group.objects.all().delete()
    importlib.import_module("tracker.migrations.0008_curators_see_alarms").allow(apps, None)
    ben = User.objects.create_user("ben", password="a long enough secret", is_staff=True)
    ben.groups.add(Group.objects.get(name="curators"))
    assert {"tracker.view_alarm", "tracker.view_documentshape"} <= ben.get_all_permissions()
    assert not {"tracker.add_alarm", "tracker.change_alarm", "tracker.delete_alarm"} & ben.get_all_permissions()


def test_a_reader_of_the_desk_may_look_at_an_alarm_and_not_acknowledge_it(client, db):
    from django.contrib.auth.models import Permission

    reader = User.objects.create_user("reader", password="a long enough secret", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_alarm"))
    client.force_login(reader)
    alarm = Alarm.objects.filter(closed_at=None).first()
    assert "Take note" not in client.get(page(alarm)).content.decode()
    assert client.post(page(alarm), {"reason": "Mine"}).status_code == 403
    assert not Decision.objects.exists()
