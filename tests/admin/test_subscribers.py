"""Readers at the desk: counted and looked after without their addresses, erased with a reason and without a trace."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tracker.digest.addresses import suppression_keys
from tracker.models import Subscriber, Suppression

pytestmark = pytest.mark.django_db
LIST = reverse("admin:tracker_subscriber_changelist")
LIFTED = reverse("admin:tracker_suppression_changelist")
ANN = "ann@example.org"


@pytest.fixture
def ann():
    now = timezone.now()
    return Subscriber.objects.create(email=ANN, state="active", asked_at=now, confirmed_at=now)


def act(desk, name, rows, reason="She wrote to us", where=LIST):
    return desk.post(where, {"action": name, "_selected_action": [row.pk for row in rows], "reason": reason})


def test_a_curator_sees_what_became_of_a_reader_but_not_the_address_nor_what_links_are_made_of(desk, ann):
    for address in (LIST, reverse("admin:tracker_subscriber_change", args=[ann.pk])):
        page = desk.get(address).content.decode()
        assert "a***@example.org" in page
        assert ANN not in page
        assert str(ann.nonce) not in page


def test_a_superuser_sees_the_address(client, ann):
    client.force_login(User.objects.create_superuser("root", password="a long enough secret"))
    assert ANN in client.get(LIST).content.decode()
    assert ANN in client.get(reverse("admin:tracker_subscriber_change", args=[ann.pk])).content.decode()


@pytest.mark.parametrize(
    ("words", "found"),
    [(ANN, True), (" ANN@Example.org ", True), ("ann", False), ("@example.org", False), ("a", False)],
)
def test_a_whole_address_finds_its_reader_and_a_part_of_it_finds_nobody(desk, ann, words, found):
    page = desk.get(LIST, {"q": words}).content.decode()
    assert (f"subscriber {ann.pk}" in page) is found


def test_states_are_counted(desk, ann):
    Subscriber.objects.create(email="bob@example.org", asked_at=timezone.now())
    page = desk.get(LIST).content.decode()
    assert "reads (1)" in page
    assert "asked, not confirmed (1)" in page


def test_erasing_needs_a_reason_and_leaves_only_that_in_the_log(desk, curator, ann):
    act(desk, "erase", [ann], reason="  ")
    assert Subscriber.objects.exists()
    assert not LogEntry.objects.exists()
    act(desk, "erase", [ann])
    assert not Subscriber.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (curator, str(ann.pk), "She wrote to us")
    assert ANN not in f"{entry.object_repr} {entry.change_message}"


def test_a_reader_who_asked_by_letter_is_unsubscribed(desk, ann):
    act(desk, "unsubscribe", [ann])
    ann.refresh_from_db()
    assert ann.state == "left"
    assert LogEntry.objects.get().object_id == str(ann.pk)


def test_a_suppression_is_found_by_its_address_and_lifted(desk):
    row = Suppression.objects.create(address=suppression_keys(ANN)[0], why="complained", since=timezone.now())
    assert f"{row.address[:8]}" in desk.get(LIFTED, {"q": "Ann@Example.org"}).content.decode()
    assert f"{row.address[:8]}" not in desk.get(LIFTED, {"q": "bob@example.org"}).content.decode()
    act(desk, "lift", [row], where=LIFTED)
    assert not Suppression.objects.exists()


def test_who_may_not_decide_may_not_erase(client, ann):
    client.force_login(User.objects.create_user("clerk", password="a long enough secret", is_staff=True))
    assert act(client, "erase", [ann]).status_code == 403
    assert Subscriber.objects.exists()
