"""Proposed releases at the desk: why and where, adopted by a form that becomes a document, dismissed with a reason."""

import pytest
from django.urls import reverse

from tests.admin.reading import act, page, said
from tracker.models import Decision, Lab, ProposedRelease, Release

LIST = reverse("admin:tracker_proposedrelease_changelist")
pytestmark = pytest.mark.usefixtures("world")


def proposal() -> ProposedRelease:
    return ProposedRelease.objects.get(name="GPT Example 7")


def sent(**about) -> dict[str, object]:
    told = {"title": "GPT Example 7", "lab": Lab.objects.get(slug="openai").pk, "released": "2026-05-01",
            "access": "api", "url": "https://example.org/news/7", "reason": "Read there", **about}  # fmt: skip
    return {"verb": "adopt", **{f"adopt-{field}": value for field, value in told.items()}}


def test_the_list_tells_the_reason_and_links_to_where_it_was_read(desk):
    shown = desk.get(LIST).content.decode()
    assert "“Introducing GPT Example 7” introduces it." in shown
    assert '<a href="https://example.org/news/7" rel="noreferrer noopener">Introducing GPT Example 7</a>' in shown


def test_an_address_that_is_a_script_is_no_link(desk):
    row = proposal()
    row.seen_in = [{"words": "<b>Words</b>", "url": "javascript:alert(1)", "on": "", "kind": "news"}]
    row.save()
    for address in (LIST, page(row)):
        shown = desk.get(address).content.decode()
        assert 'href="javascript' not in shown
        assert "&lt;b&gt;Words&lt;/b&gt;" in shown


def test_the_form_is_filled_in_with_what_the_notice_tells(desk):
    form = desk.get(page(proposal())).context["adopt"]
    assert form["title"].value() == "GPT Example 7"
    assert form["lab"].value() == Lab.objects.get(slug="openai").pk
    assert (form["url"].value(), form["released"].value()) == ("https://example.org/news/7", "2026-05-01")


def test_adopting_makes_a_fact_with_its_document_and_undoing_ends_it(desk, eager, on_commit):
    with on_commit():
        answer = desk.post(page(proposal()), sent(), follow=True)
    assert said(answer)[0].endswith("“GPT Example 7” is a new model, GPT Example 7, of OpenAI.")
    fact = Release.objects.known().get(model__name="GPT Example 7")
    assert (str(fact.released_on), fact.access, fact.url) == ("2026-05-01", "api", "https://example.org/news/7")
    assert desk.get(f"/snapshots/{fact.first_snapshot_id}/").status_code == 200
    assert desk.get(f"/facts/release/{fact.pk}/").status_code == 200
    decision = Decision.objects.get()
    with on_commit():
        desk.post(page(decision), {"reason": "A product"})
    assert not Release.objects.known().filter(model__name="GPT Example 7").exists()
    assert proposal().state == "waiting"


def test_the_history_of_a_proposal_tells_all_that_was_decided(desk, eager, on_commit):
    with on_commit():
        desk.post(page(proposal()), sent())
        desk.post(page(Decision.objects.get()), {"reason": "A product"})
        desk.post(page(proposal()), {"verb": "dismiss", "dismiss-reason": "It speaks, it does not write"})
    history = desk.get(reverse("admin:tracker_proposedrelease_history", args=[proposal().pk])).content.decode()
    for words in ("Read there", "A product", "It speaks, it does not write", "(undone)"):
        assert words in history


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("released", "last May", "is not a date such as"),
        ("url", "", "This field is required"),
        ("url", "nowhere", "Enter a valid URL"),
        ("lab", "", "This field is required"),
        ("reason", "", "This field is required"),
    ],
)
def test_a_form_that_is_not_filled_in_adopts_nothing(desk, field, value, complaint):
    assert complaint in desk.post(page(proposal()), sent(**{field: value})).content.decode()
    assert not Decision.objects.exists()


def test_a_model_that_is_known_is_refused_and_says_so(desk):
    answer = desk.post(page(proposal()), sent(title="GPT Example"))
    assert said(answer) == ["GPT Example is known already: choose it instead of creating it."]


def test_proposals_are_dismissed_in_bulk_with_one_reason(desk):
    answer = act(desk, "proposedrelease", "dismiss_releases", *ProposedRelease.objects.all(), reason="Products")
    assert said(answer) == ["1 proposal(s) dismissed; they are not proposed again."]
    assert (proposal().state, Decision.objects.get().reason) == ("dismissed", "Products")
    assert "It waits no longer" in desk.get(page(proposal())).content.decode()
    assert said(act(desk, "proposedrelease", "dismiss_releases", proposal(), reason="Again")) != []


def test_who_may_only_look_adopts_nothing(client):
    from django.contrib.auth.models import Permission, User

    reader = User.objects.create_user("reader", password="a long enough secret", is_staff=True)
    reader.user_permissions.add(*Permission.objects.filter(codename="view_proposedrelease"))
    client.force_login(reader)
    assert 'name="verb"' not in client.get(page(proposal())).content.decode()
    assert client.post(page(proposal()), sent()).status_code == 403
