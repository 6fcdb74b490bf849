"""Sessions of the desk: they end by time, by silence, by a press and with the account; proofs grow old."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.accounts.visiting import PASSWORD, SITE, enrol_app, kinds, log_in, now_code, opens, secret_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("began", "seen", "is_open"),
    [(0, 0, True), (11.9, 0.4, True), (12.1, 0.1, False), (1, 0.6, False), (-1, 0, False)],
)
def test_a_session_ends_after_twelve_hours_or_half_an_hour_of_silence(client, ann, began, seen, is_open):
    client.force_login(ann)
    session, now = client.session, timezone.now()
    session["account-began"] = (now - timedelta(hours=began)).timestamp()
    session["account-seen"] = (now - timedelta(hours=seen)).timestamp()
    session.save()
    assert opens(client) is is_open


def test_being_there_is_written_down_once_a_minute(client, ann, django_assert_num_queries):
    client.force_login(ann)
    with django_assert_num_queries(2):  # the session and the user
        client.get("/admin/password_change/", **SITE)
    session = client.session
    session["account-seen"] -= 90
    session.save()
    client.get("/admin/password_change/", **SITE)
    assert client.session["account-seen"] > timezone.now().timestamp() - 5


def test_the_session_gets_another_name_at_each_step(visitor, ann):
    names = [visitor.cookies.get("sessionid")]
    log_in(visitor)
    names.append(visitor.cookies["sessionid"].value)
    visitor.get("/admin/second-factor/enrol/", **SITE)
    secret = secret_of(visitor)
    visitor.post("/admin/second-factor/enrol/", {"code": now_code(secret)}, **SITE)
    names.append(visitor.cookies["sessionid"].value)
    assert len(set(names)) == 3


def test_a_password_shown_long_ago_waits_no_more(visitor, ann):
    log_in(visitor)
    session = visitor.session
    session["account-pending"] = {**session["account-pending"], "at": timezone.now().timestamp() - 601}
    session.save()
    assert visitor.get("/admin/second-factor/enrol/", **SITE).headers["Location"] == "/admin/login/"


def test_logging_out_and_changing_the_password_are_in_the_trail_and_another_session_ends(visitor, client, ann):
    enrol_app(visitor)
    client.force_login(ann)
    new = "another long secret"
    told = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert visitor.post("/admin/password_change/", told, **SITE).status_code == 302
    assert not opens(client)
    visitor.post("/admin/logout/", **SITE)
    assert not opens(visitor)
    assert kinds()[-2:] == ["password-changed", "logged-out"]


def test_all_other_sessions_end_at_a_press_and_this_one_stays(visitor, client, ann):
    enrol_app(visitor)
    client.force_login(ann)
    visitor.post("/admin/second-factor/mine/", {"sessions": "end"}, **SITE)
    assert (opens(visitor), opens(client)) == (True, False)


def test_an_account_that_is_switched_off_is_out_at_once(client, ann):
    client.force_login(ann)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert not opens(client)


def test_changing_the_proofs_asks_for_one_again_after_a_quarter_of_an_hour(visitor, ann):
    secret, _ = enrol_app(visitor)
    assert visitor.get("/admin/second-factor/mine/", **SITE).status_code == 200
    session = visitor.session
    session["account-proved"] -= 901
    session.save()
    for address in ("/admin/second-factor/mine/", "/admin/second-factor/enrol/"):
        assert visitor.post(address, {"codes": "new"}, **SITE).headers["Location"] == "/admin/second-factor/"
    proved = visitor.post("/admin/second-factor/", {"code": now_code(secret, later=1)}, **SITE)
    assert proved.headers["Location"] == "/admin/second-factor/enrol/"
    assert visitor.get(proved.headers["Location"], **SITE).status_code == 200
