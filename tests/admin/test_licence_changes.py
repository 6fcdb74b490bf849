"""Changes of licence texts at the desk: what nobody has read stands first, both texts side by side, one history."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.admin.reading import listed, page
from tests.pipeline.steps import at
from tracker import curation
from tracker.models import Decision, LicenceChange

LIST = reverse("admin:tracker_licencechange_changelist")
pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def change() -> LicenceChange:
    """The community licence of the world, once for 700 million users and once for five."""
    return LicenceChange.objects.get()


def test_a_change_whose_new_words_nobody_has_read_waits_until_a_curator_reads_them(desk, curator, change):
    assert listed(desk, LIST) == {change.pk}
    assert listed(desk, LIST, state="read") == set()
    curation.read_licence(change.after, terms={"commercial": "threshold"}, by=curator, reason="Read", now=at(2))
    assert listed(desk, LIST) == set()
    assert listed(desk, LIST, state="read") == listed(desk, LIST, state="all") == {change.pk}


def test_a_reading_that_was_withdrawn_reads_nothing(desk, curator, change):
    curation.read_licence(change.after, terms={"commercial": "yes"}, by=curator, reason="Read", now=at(2))
    reading = change.after.readings.get()
    curation.withdraw_reading(reading, by=curator, reason="Read wrongly", now=at(3))
    assert listed(desk, LIST) == {change.pk}


def test_the_list_is_narrowed_to_one_source(desk, change):
    own = change.after.endpoint.source.slug
    assert listed(desk, LIST, source=own) == {change.pk}
    assert listed(desk, LIST, source="models_dev") == set()


def test_both_texts_stand_beside_each_other_with_what_differs_marked_and_no_markup_of_theirs(desk, change):
    shown = desk.get(page(change)).content.decode()
    assert "<mark>700</mark>" in shown
    assert "<mark>5</mark>" in shown
    assert "<b>users" not in shown
    assert reverse("admin:tracker_licencetext_change", args=[change.after_id]) in shown
    assert "style=" not in shown.partition('<div id="content-main"')[2].partition("<footer")[0]


def test_its_history_is_how_its_texts_were_read_and_leads_to_where_that_is_undone(desk, curator, change):
    curation.read_licence(change.after, terms={"commercial": "yes"}, by=curator, reason="Clause 3 says so", now=at(2))
    decision = Decision.objects.get()
    history = desk.get(reverse("admin:tracker_licencechange_history", args=[change.pk])).content.decode()
    assert "Clause 3 says so" in history
    assert reverse("admin:tracker_decision_change", args=[decision.pk]) in history


def test_a_change_is_looked_at_by_whoever_may_decide_and_edited_by_nobody(client, desk, change):
    assert desk.get(page(change)).status_code == 200
    assert "Save" not in desk.get(page(change)).content.decode()
    stranger = User.objects.create_user("bob", password="a long enough secret", is_staff=True)
    client.force_login(stranger)
    assert client.get(page(change)).status_code == 403
