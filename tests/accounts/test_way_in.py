"""The way to the desk, step by step: a password opens nothing, the first login enrols, every proof works once."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import Error, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.accounts.device import Device
from tests.accounts.visiting import (
    PASSWORD,
    SITE,
    enrol_app,
    kinds,
    log_in,
    now_code,
    opens,
    options,
    secret_of,
    shown_codes,
)
from tracker.accounts import codes, factors, locks, sessions
from tracker.models import AccountEvent, CodeGenerator, Passkey, RecoveryCode

pytestmark = pytest.mark.django_db


def test_a_password_alone_opens_nothing_and_the_first_login_leads_to_enrolment(visitor, ann):
    answer = log_in(visitor)
    assert answer.headers["Location"] == "/admin/second-factor/enrol/"
    for address in ("/admin/", "/admin/tracker/decision/", "/admin/second-factor/mine/", "/admin/password_change/"):
        assert visitor.get(address, **SITE).headers["Location"].startswith("/admin/login/"), address
    assert (
        visitor.get("/mail/", **SITE).status_code == visitor.get("/mail/", **SITE, headers={"cookie": ""}).status_code
    )
    assert "_auth_user_id" not in visitor.session


def test_a_session_that_never_showed_a_second_factor_is_nobodys(visitor, ann):
    visitor.force_login(ann)  # what any other way of logging in would leave
    assert visitor.get("/admin/", **SITE).headers["Location"].startswith("/admin/login/")


def test_enrolling_an_app_opens_the_desk_and_hands_out_ten_codes_that_are_kept_as_hashes(visitor, ann):
    secret, answer = enrol_app(visitor)
    handed = shown_codes(answer)
    assert len(set(handed)) == 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert opens(visitor)
    stored = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert stored == {codes.digest(codes.bare(one)) for one in handed}
    kept = CodeGenerator.objects.get()
    assert secret not in kept.sealed.encode()
    assert codes.as_text(secret) not in kept.sealed
    assert kinds() == ["factor-added", "codes-made", "logged-in"]


def test_a_wrong_code_enrols_nothing(visitor, ann):
    log_in(visitor)
    visitor.get("/admin/second-factor/enrol/", **SITE)
    wrong = f"{(int(now_code(secret_of(visitor))) + 1) % 10**6:06}"
    late = now_code(secret_of(visitor), later=-9)
    for code in (wrong, late, "", "abc", "१२३४५६", "9" * 5000):
        assert visitor.post("/admin/second-factor/enrol/", {"code": code}, **SITE).status_code == 400
    assert not CodeGenerator.objects.exists()
    assert not opens(visitor)


def test_a_code_works_once_and_the_next_one_does(visitor, ann):
    secret, _ = enrol_app(visitor)
    other = Client()
    assert log_in(other).headers["Location"] == "/admin/second-factor/"
    again = now_code(secret)
    assert other.post("/admin/second-factor/", {"code": again}, **SITE).status_code == 403
    assert not opens(other)
    assert other.post("/admin/second-factor/", {"code": now_code(secret, later=1)}, **SITE).status_code == 302
    assert opens(other)
    assert kinds()[-2:] == ["factor-refused", "logged-in"]


def test_a_recovery_code_opens_once_however_it_is_typed(visitor, ann):
    _, answer = enrol_app(visitor)
    code = shown_codes(answer)[0]
    for attempt, opened in ((code.upper().replace("-", " "), True), (code, False)):
        other = Client()
        log_in(other)
        other.post("/admin/second-factor/", {"code": attempt}, **SITE)
        assert opens(other) is opened
    assert AccountEvent.objects.get(kind="code-used").words == "9 left"


def test_a_passkey_is_made_and_used_and_its_challenge_serves_once(visitor, ann):
    device = Device()
    log_in(visitor)
    asked = options(visitor.get("/admin/second-factor/enrol/", **SITE))
    answer = {"credential": json.dumps(device.create(asked)), "name": "My key"}
    assert len(shown_codes(visitor.post("/admin/second-factor/enrol/", answer, **SITE))) == 10
    assert opens(visitor)
    other = Client()
    log_in(other)
    proof = {"credential": json.dumps(device.get(options(other.get("/admin/second-factor/", **SITE))))}
    assert other.post("/admin/second-factor/", proof, **SITE).headers["Location"] == "/admin/"
    assert opens(other)
    third = Client()
    log_in(third)
    third.get("/admin/second-factor/", **SITE)
    assert third.post("/admin/second-factor/", proof, **SITE).status_code == 403
    assert not opens(third)


def with_passkey(visitor, device):
    log_in(visitor)
    asked = options(visitor.get("/admin/second-factor/enrol/", **SITE))
    visitor.post("/admin/second-factor/enrol/", {"credential": json.dumps(device.create(asked))}, **SITE)
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("wrong", ["another key", "another site", "nonsense", "an older count"])
def test_a_passkeys_answer_is_refused(visitor, ann, wrong):
    device = Device(count=5)
    with_passkey(visitor, device)
    other = Client()
    log_in(other)
    asked = options(other.get("/admin/second-factor/", **SITE))
    if wrong == "another key":
        said = Device(number=device.number).get(asked)
    elif wrong == "another site":
        device.origin = "https://testserver.example"
        said = device.get(asked)
    elif wrong == "an older count":
        device.count = 2
        said = device.get(asked)
    else:
        said = {"id": [], "response": 7}
    assert other.post("/admin/second-factor/", {"credential": json.dumps(said)}, **SITE).status_code == 403
    assert not opens(other)
    assert ("copied-key" in kinds()) is (wrong == "an older count")


@pytest.mark.parametrize("said", ["[" * 20_000, '"words"', "{", "null", "1" * 9000, '{"a": NaN}', "x" * 30_000])
def test_what_is_no_answer_of_a_browser_is_refused_without_an_error(visitor, ann, said):
    with_passkey(visitor, Device())
    other = Client()
    log_in(other)
    other.get("/admin/second-factor/", **SITE)
    assert other.post("/admin/second-factor/", {"credential": said}, **SITE).status_code == 403


def test_passkeys_are_offered_for_names_over_https_and_on_this_machine_only():
    from tracker.accounts.passkeys import Place

    good = ("https://example.org", "https://a.example.org:8443", "http://localhost:8000")
    bad = ("http://example.org", "https://192.0.2.7", "http://127.0.0.1:8000", "https://[::1]:8000")
    assert [place for place in (*good, *bad) if Place(place).works] == list(good)


def test_after_ten_wrong_passwords_the_right_one_is_refused_too_until_an_operator_or_a_quarter_of_an_hour_helps(
    visitor, ann
):
    for _ in range(locks.PASSWORD.most):
        assert log_in(visitor, "wrong").status_code == 200
    for _ in range(3):
        answer = log_in(Client())  # another visitor, another process: the count lies in the database
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    assert kinds().count("refused") == locks.PASSWORD.most
    assert kinds().count("locked") == 1
    assert log_in(Client(), name="nobody").status_code == 200
    factors.reset(ann, now=timezone.now())
    assert log_in(Client()).status_code == 302


def test_six_wrong_codes_lock_the_second_factor(visitor, ann):
    secret, _ = enrol_app(visitor)
    other = Client()
    log_in(other)
    for _ in range(locks.FACTOR.most):
        assert other.post("/admin/second-factor/", {"code": "000000"}, **SITE).status_code == 403
    assert other.post("/admin/second-factor/", {"code": now_code(secret, later=1)}, **SITE).status_code == 429
    assert not opens(other)


def test_one_address_has_only_so_many_tries_whatever_names_it_tries(visitor, settings):
    settings.LIMIT_LOGIN = 3
    statuses = [log_in(visitor, "wrong", name=f"name{n}").status_code for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_name_that_no_account_has_is_not_written_down(visitor):
    log_in(visitor, "wrong", name="my password in the wrong field")
    event = AccountEvent.objects.get()
    assert (event.kind, event.user_name, event.user_number) == ("refused", "", None)
    assert "127.0.0.1" not in event.client


def test_whoever_has_a_factor_cannot_enrol_another_with_the_password_alone(visitor, ann):
    enrol_app(visitor)
    other = Client()
    log_in(other)
    assert other.get("/admin/second-factor/enrol/", **SITE).headers["Location"] == "/admin/second-factor/"
    assert other.post("/admin/second-factor/enrol/", {"code": "123456"}, **SITE).status_code == 302
    assert not opens(other)


def test_the_last_factor_stays_and_one_of_two_goes(visitor, ann):
    enrol_app(visitor)
    visitor.post("/admin/second-factor/mine/", {"remove": "app"}, **SITE)
    assert CodeGenerator.objects.exists()
    asked = options(visitor.get("/admin/second-factor/enrol/", **SITE))
    said = {"credential": json.dumps(Device().create(asked)), "name": "Key"}
    assert visitor.post("/admin/second-factor/enrol/", said, **SITE).status_code == 302
    visitor.post("/admin/second-factor/mine/", {"remove": "app"}, **SITE)
    assert (CodeGenerator.objects.count(), Passkey.objects.count()) == (0, 1)


def test_new_recovery_codes_void_the_old_ones(visitor, ann):
    _, answer = enrol_app(visitor)
    fresh = visitor.post("/admin/second-factor/mine/", {"codes": "new"}, **SITE)
    assert not set(shown_codes(fresh)) & set(shown_codes(answer))
    assert RecoveryCode.objects.count() == 10


def test_a_reset_takes_every_proof_and_ends_every_session(visitor, ann, django_user_model):
    enrol_app(visitor)
    bob = Client()
    User.objects.create_superuser("bob", password=PASSWORD)
    log_in(bob, name="bob")
    assert factors.reset(ann, now=timezone.now()) == 1
    assert not factors.factors(ann).enrolled
    assert not opens(visitor)
    assert sessions.WAITS in bob.session
    assert log_in(visitor).headers["Location"] == "/admin/second-factor/enrol/"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/admin/\\evil"])
def test_nobody_is_sent_to_another_site(visitor, ann, away):
    log_in(visitor, next=away)
    visitor.get("/admin/second-factor/enrol/", **SITE)
    visitor.post("/admin/second-factor/enrol/", {"code": now_code(secret_of(visitor))}, **SITE)
    assert away not in str(visitor.session.items())


def test_who_is_no_staff_does_not_get_in(visitor):
    User.objects.create_user("reader", password=PASSWORD)
    assert log_in(visitor, name="reader").status_code == 200
    assert sessions.WAITS not in visitor.session


def test_a_form_of_the_way_in_that_comes_from_elsewhere_is_refused(ann):
    careful = Client(enforce_csrf_checks=True)
    for address in ("/admin/login/", "/admin/second-factor/", "/admin/second-factor/enrol/", "/admin/logout/"):
        assert careful.post(address, {"username": "ann", "password": PASSWORD}, **SITE).status_code == 403


@pytest.mark.parametrize("words", ["UPDATE tracker_{} SET id = id", "DELETE FROM tracker_{}"])
@pytest.mark.parametrize("table", ["accountevent", "decision"])
def test_raw_sql_changes_nothing_in_the_trails(visitor, ann, words, table):
    from tests.admin.world import decisions

    log_in(visitor, "wrong")
    decisions(1, ann)
    with pytest.raises(Error, match="never changed or deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words.format(table))


def test_the_codes_are_those_of_rfc_6238():
    secret = b"12345678901234567890"
    at = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {second: codes.code(secret, second // 30) for second in at} == at


def test_the_operators_command_lists_unlocks_and_resets(visitor, ann, capsys):
    from django.core.management import call_command

    enrol_app(visitor)
    call_command("second_factor", as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["app"], row["passkeys"], row["recovery_codes"]) == ("ann", True, 0, 10)
    for _ in range(locks.PASSWORD.most + 1):
        log_in(Client(), "wrong")
    assert log_in(Client()).status_code == 429
    call_command("second_factor", unlock="ann")
    assert kinds()[-1] == "unlocked"
    assert log_in(Client()).status_code == 302
    call_command("second_factor", reset="ann")
    assert log_in(Client()).headers["Location"] == "/admin/second-factor/enrol/"
