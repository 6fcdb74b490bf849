"""The digest at the desk: next Monday's letter at any time, the editor's hand in it, and whether it goes out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from tests.admin.reading import page, said
from tests.pages.fixtures import in_world, world_database
from tracker.admin import preview
from tracker.digest import build
from tracker.domain.notable import HEADLINE, Content
from tracker.models import Decision, Issue, Letter, Subscriber

__all__ = ["in_world", "world_database"]

pytestmark = pytest.mark.usefixtures("in_world", "db")
WEEK = "2026-W36"
MONDAY = datetime(2026, 9, 7, 7, tzinfo=UTC)
LIST = reverse("admin:tracker_issue_changelist")


@pytest.fixture
def issue(curator):
    curator.email = "ann@example.org"
    curator.save()
    return build.draft(WEEK, zone=ZoneInfo("UTC"), now=MONDAY)


def html(week=WEEK, query="") -> str:
    return reverse("admin:tracker_issue_preview", args=[week]) + query


def shown(answer) -> str:
    return answer.content.decode()


def test_next_mondays_issue_is_looked_at_before_it_has_a_row(desk):
    week = build.week_of(timezone.now(), ZoneInfo("UTC"))
    assert f"/{week}/preview.html" in shown(desk.get(LIST))
    assert "Open models trail closed ones by 9.7 months" in shown(desk.get(html(week)))
    text = desk.get(reverse("admin:tracker_issue_preview_text", args=[week]))
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert "Open models trail closed ones by 9.7 months" in " ".join(shown(text).split())
    assert not Issue.objects.exists()


def test_the_list_leads_to_the_letters_that_are_kept_where_there_is_no_server(desk, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert 'href="/mail/"' in shown(desk.get(LIST))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert 'href="/mail/"' not in shown(desk.get(LIST))


def test_a_button_opens_next_mondays_issue_for_editing_and_looking_does_not(desk):
    begin = reverse("admin:tracker_issue_begin")
    assert desk.get(begin).status_code == 403
    answer = desk.post(begin)
    row = Issue.objects.get()
    assert (row.week, row.state) == (build.week_of(timezone.now(), ZoneInfo("UTC")), "draft")
    assert answer.headers["Location"] == page(row)
    desk.post(begin)
    assert Issue.objects.count() == 1


def test_a_week_to_come_and_one_that_is_none_have_no_preview(desk):
    assert desk.get(html("2126-W01")).status_code == 404
    assert desk.get(html("nonsense")).status_code == 404


def test_the_page_shows_every_item_with_its_weight_and_where_it_leads(desk, issue):
    found = shown(desk.get(page(issue)))
    content = build.said(issue, now=timezone.now())
    assert len(content.items) > 4
    for number, item in enumerate(content.items):
        assert f'name="edit-place-{number}"' in found
        assert item.url.replace("&", "&amp;") in found
    assert "Acme &lt;b&gt;Labs&lt;/b&gt;" in found
    assert "goes out on Monday at 7:00 UTC" in found


def edit(desk, issue, **told):
    fields = {f"edit-{name.replace('_', '-')}": value for name, value in {"reason": "Why", **told}.items()}
    return desk.post(page(issue), {"verb": "edit", **fields}, follow=True)


def test_an_editor_writes_a_note_drops_an_item_and_puts_another_first(desk, issue):
    items = build.said(issue, now=timezone.now()).items
    answer = edit(desk, issue, note="Read this <b>first</b>.", drop_1="on", place_2="1")
    assert said(answer) == [f"digest edited: The digest of {WEEK} was edited."]
    issue.refresh_from_db()
    assert (issue.dropped, issue.order) == ([items[1].id], [items[2].id])
    found = shown(desk.get(html()))
    assert "Read this &lt;b&gt;first&lt;/b&gt;." in found
    assert items[1].title not in found
    assert f"<h2>{escape(items[2].title)}</h2>" in shown(desk.get(page(issue)))
    assert Decision.objects.get().by.username == "ann"


def test_an_edit_without_a_reason_changes_nothing(desk, issue):
    answer = edit(desk, issue, note="Hello", reason="")
    assert "This field is required" in shown(answer)
    assert not Decision.objects.exists()


def test_the_preview_is_what_a_reader_of_those_wishes_gets(desk, issue):
    everything, prices = shown(desk.get(html())), shown(desk.get(html(query="?topics=prices&labs=acme")))
    assert "Acme 13" in everything
    assert "Acme 13 by" not in prices
    assert "Birch 1: the number" not in shown(desk.get(html(query="?topics=data&labs=acme")))
    assert desk.get(html(query="?topics=weather")).status_code == 404


def test_the_preview_has_the_letters_bytes_but_for_where_its_pictures_lie(desk, issue, settings):
    from tracker.digest import render

    content = build.said(issue, now=timezone.now())
    sent = render.issue(content, note="", links=render.for_anybody(WEEK)).html
    here = reverse("admin:tracker_issue_picture", args=[WEEK, "frontier"])
    back = shown(desk.get(html())).replace(here.removesuffix("frontier.png"), f"{settings.SITE_URL}/digest/{WEEK}/")
    assert back == sent


def test_the_preview_lets_a_letters_styles_work_and_nothing_act_or_frame(desk, issue):
    policy = desk.get(html()).headers["Content-Security-Policy"]
    assert policy == preview.POLICY
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_phones_preview_answers_what_styles_ask_of_the_width():
    letter = (
        "<head><style>@media only screen and (min-width:480px) { a {} } @media (max-width: 479px) { b {} }"
        " @media (min-width:320px) { c {} }</style></head>"
    )
    found = preview.narrow(letter, 390)
    assert "(max-width:0px) { a" in found
    assert "(min-width:0px) { b" in found
    assert "(min-width:0px) { c" in found
    assert "html{max-width:390px" in found


def test_the_pictures_of_a_draft_are_drawn_and_those_of_a_built_issue_are_the_frozen_ones(desk, issue):
    address = reverse("admin:tracker_issue_picture", args=[WEEK, "lag"])
    drawn = desk.get(address)
    assert (drawn["Content-Type"], drawn.content[:4]) == ("image/png", b"\x89PNG")
    build.freeze(issue, now=MONDAY).images.filter(name="lag").update(png=b"\x89PNG frozen")
    assert desk.get(address).content == b"\x89PNG frozen"
    assert desk.get(address.replace("lag", "other")).status_code == 404


def test_the_difference_from_the_last_issue_is_told(desk, issue):
    assert "No issue was built before this one" in shown(desk.get(page(issue)))
    build.freeze(issue, now=MONDAY)
    later = build.draft("2026-W37", zone=ZoneInfo("UTC"), now=MONDAY + timedelta(days=7))
    found = shown(desk.get(page(later)))
    assert f"Beside the issue of {WEEK}" in found
    again, gone = found.partition("Told again")[2].partition("Told no more")[::2]
    assert "9.7 months, 0.2 more than a week ago" in again
    assert "is now the best closed model" in gone


def test_a_test_letter_goes_to_the_curator_alone(desk, issue):
    Subscriber.objects.create(email="reader@example.org", asked_at=MONDAY)
    answer = desk.post(page(issue), {"verb": "test"}, follow=True)
    assert said(answer) == ["A test went to ann@example.org."]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject[:7]) == (["ann@example.org"], "[Test] ")
    assert "9.7 months" in letter.body
    assert letter.alternatives[0][1] == "text/html"
    assert not Letter.objects.exists()
    assert not Decision.objects.exists()


def test_a_curator_without_an_address_is_told_so(desk, issue, curator):
    User.objects.filter(pk=curator.pk).update(email="")
    assert said(desk.post(page(issue), {"verb": "test"}, follow=True)) == ["Your account has no address to send it to."]
    assert mail.outbox == []


def decide(desk, issue, verb, reason="Read"):
    return desk.post(page(issue), {"verb": verb, f"{verb}-reason": reason}, follow=True)


def test_approving_freezes_the_issue_and_after_that_nothing_is_edited(desk, issue):
    assert said(decide(desk, issue, "approve")) == [f"digest approved: The digest of {WEEK} goes out."]
    issue.refresh_from_db()
    assert (issue.state, issue.approved_by.username) == ("approved", "ann")
    assert Content.read(issue.content).items[0].id == HEADLINE
    found = shown(desk.get(page(issue)))
    assert 'name="edit-note"' not in found
    assert 'value="approve"' not in found
    assert "is not edited any more" in said(edit(desk, issue, note="Too late"))[0]


def test_a_week_that_is_not_over_is_not_approved(desk, issue):
    now = timezone.now()
    row = build.draft(build.week_of(now, ZoneInfo("UTC")), zone=ZoneInfo("UTC"), now=now)
    assert "The week of" in said(decide(desk, row, "approve"))[0]
    row.refresh_from_db()
    assert (row.state, row.content) == ("draft", None)


def test_an_issue_is_withheld_and_the_page_says_how_to_let_it_go_after_all(desk, issue):
    decide(desk, issue, "withhold")
    issue.refresh_from_db()
    assert issue.state == "withheld"
    assert "undo the decision in its history" in shown(desk.get(page(issue)))


def test_the_list_counts_letters_by_what_became_of_them(desk, issue):
    build.freeze(issue, now=MONDAY)
    for number, state in enumerate(("waiting", "waiting", "sent")):
        Letter.objects.create(
            issue=issue, message_id=f"<{number}@x>", domain="example.org", state=state, created_at=MONDAY,
            settled_at=MONDAY if state == "sent" else None,
        )  # fmt: skip
    assert "1 accepted, 2 to be sent" in shown(desk.get(LIST))


def test_who_may_only_look_sees_the_issue_and_decides_nothing(client, issue):
    from django.contrib.auth.models import Permission

    reader = User.objects.create_user("reader", password="a long enough secret", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_issue"))
    client.force_login(reader)
    assert client.get(html()).status_code == 200
    assert 'name="verb"' not in shown(client.get(page(issue)))
    for verb in ("edit", "approve", "withhold", "test"):
        assert client.post(page(issue), {"verb": verb}).status_code == 403
    assert client.post(reverse("admin:tracker_issue_begin")).status_code == 403


@pytest.mark.parametrize("name", ["preview", "preview_text"])
def test_a_stranger_sees_no_preview(client, name):
    address = reverse(f"admin:tracker_issue_{name}", args=[WEEK])
    assert client.get(address).headers["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("clerk", password="a long enough secret", is_staff=True))
    assert client.get(address).status_code == 403
