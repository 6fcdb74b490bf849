"""Licence texts at the desk: the nearest known text beside, a field for every term, readings that may disagree."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from tests.admin.reading import page, said
from tracker.domain.licence_terms import TERMS
from tracker.models import Decision, LicenceReading, LicenceText

LIST = reverse("admin:tracker_licencetext_changelist")
pytestmark = pytest.mark.usefixtures("world")


def text(key: str = "u") -> LicenceText:
    return LicenceText.objects.get(key=key)


def sent(desk, **about) -> dict[str, str]:
    """The form as a browser sends it, left as it came but for what is told."""
    form = desk.get(page(text())).context["form"]
    told = {field.html_name: field.value() or "" for field in form}
    for name, value in {"reason": "Read", **about}.items():
        told[f"read-{name}"] = value
    return {"verb": "read", **told}


def mine() -> LicenceReading:
    return LicenceReading.objects.get(text__key="u")


def test_texts_without_a_known_licence_are_listed_until_they_are_read(desk):
    listed = desk.get(LIST, {"reading": "waits"}).context["cl"].queryset
    assert [row.key for row in listed] == ["u"]
    desk.post(page(text()), sent(desk, **{"term-commercial": "yes"}))
    assert not desk.get(LIST, {"reading": "waits"}).context["cl"].queryset.exists()
    assert desk.get(LIST, {"reading": "read"}).context["cl"].queryset.filter(key="u").exists()


def test_the_nearest_known_text_stands_beside_with_what_differs_marked(desk):
    shown = desk.get(page(text())).content.decode()
    assert "Beside the nearest known text: Example Community License" in shown
    assert "<mark>10</mark>" in shown
    assert "<mark>700</mark>" in shown


def test_every_term_of_a_licences_file_has_its_field(desk):
    shown = desk.get(page(text()))
    assert [row["value"].name for row in shown.context["terms"]] == [f"term-{term}" for term in TERMS]


def test_what_is_filled_in_is_recorded_and_what_is_left_stays_unread(desk):
    told = {
        "term-commercial": "threshold",
        "term-mau_threshold": "10000000",
        "term-threshold_effect": "need-licence",
        "quote-commercial": "more than 10 million monthly users",
        "where-commercial": "3",
        "term-field_of_use": "none",
        "term-geo_exclusions": "Atlantis: all use",
        "term-governing_law": "Atlantis",
        "note": "Like its elder",
    }
    desk.post(page(text()), sent(desk, **told))
    assert mine().terms == {
        "commercial": "threshold",
        "mau_threshold": 10_000_000,
        "threshold_effect": "need-licence",
        "field_of_use": [],
        "geo_exclusions": [{"region": "Atlantis", "scope": "all use"}],
        "governing_law": "Atlantis",
    }
    assert mine().clauses == [
        {"fact": "commercial", "quote": "more than 10 million monthly users", "where": "3", "document": "licence"}
    ]
    assert (mine().by.username, mine().note, Decision.objects.get().reason) == ("ann", "Like its elder", "Read")
    shown = desk.get(page(mine())).content.decode()
    assert "more than 10 million monthly users" in shown


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({}, "Nothing was read"),
        ({"term-commercial": "threshold", "term-mau_threshold": "5"}, "threshold"),
        ({"quote-commercial": "some words"}, "which is unread"),
    ],
)
def test_a_reading_that_contradicts_itself_is_refused_and_says_why(desk, told, complaint):
    assert complaint in said(desk.post(page(text()), sent(desk, **told)))[0]
    assert not Decision.objects.exists()


def test_curators_who_disagree_stand_side_by_side(desk, client):
    desk.post(page(text()), sent(desk, **{"term-commercial": "yes"}))
    bob = User.objects.create_user("bob", password="a long enough secret", is_staff=True)
    bob.groups.add(Group.objects.get(name="curators"))
    client.force_login(bob)
    client.post(page(text()), sent(client, **{"term-commercial": "no"}))
    shown = client.get(page(text())).content.decode()
    assert "They disagree on commercial" in shown
    assert "<mark>commercial: yes</mark>" in shown
    assert "<mark>commercial: no</mark>" in shown


def test_only_who_read_may_withdraw_and_the_reading_is_kept(desk):
    desk.post(page(text()), sent(desk, **{"term-commercial": "yes"}))
    others = LicenceReading.objects.get(by__username="reads")
    assert "Withdraw" not in desk.get(page(others)).content.decode()
    assert "record your own beside it" in said(desk.post(page(others), {"reason": "Why"}))[0]
    desk.post(page(mine()), {"reason": "Misread"})
    assert mine().withdrawn_at is not None
    history = desk.get(reverse("admin:tracker_licencereading_history", args=[mine().pk])).content.decode()
    assert "Misread" in history
    assert "withdrawn" in history


def test_a_text_with_flags_alone_has_its_fields_and_no_form(desk):
    LicenceText.objects.filter(key="u").update(text="")
    assert desk.get(page(text())).status_code == 200
    assert 'value="read"' not in desk.get(page(text())).content.decode()
