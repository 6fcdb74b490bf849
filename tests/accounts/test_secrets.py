"""What is kept from whom: cookies, keys, tables, logs and errors."""

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.test import Client

from tests.entering import Entered
from tracker.accounts import factors, roles, sealing
from tracker.models import AccountEvent, CodeGenerator, Subscriber

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough secret"
HTTPS = {"secure": True}
NAMES = ("SESSION_COOKIE", "CSRF_COOKIE")
TOLD = """
import json, sys
import django
from django.conf import settings as s
from django.core.management import call_command
django.setup()
call_command("check", deploy=True, fail_level="WARNING", stdout=sys.stderr)
names = [f"{kind}_{what}" for kind in ("SESSION_COOKIE", "CSRF_COOKIE") for what in
         ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "DOMAIN", "PATH")]
names += ["DEBUG", "PROXIES", "PASSWORD_HASHERS"]
print(json.dumps({name: getattr(s, name) for name in names} | {"options": s.DATABASES["default"]["OPTIONS"]}))
"""


def program(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program of the site in an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    told = {**clean, "DJANGO_SETTINGS_MODULE": "landscape.settings", "STATE_DIR": str(folder), **variables}
    return subprocess.run(
        [sys.executable, *words], cwd=PROJECT, env=told, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def behind_https(tmp_path_factory):
    """The settings of a web process behind a proxy that speaks https."""
    folder = tmp_path_factory.mktemp("state")
    done = program(folder, "-c", TOLD, BEHIND_HTTPS="1", ALLOWED_HOSTS="example.org", PROCESS="web")
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "said": done.stderr}


def test_behind_https_cookies_are_for_this_host_alone(behind_https):
    for kind in NAMES:
        assert behind_https[f"{kind}_NAME"].startswith("__Host-")
        assert behind_https[f"{kind}_SECURE"] is True
        assert behind_https[f"{kind}_HTTPONLY"] is True
        assert behind_https[f"{kind}_SAMESITE"] == "Lax"
        assert behind_https[f"{kind}_DOMAIN"] is None  # what such a name asks for
        assert behind_https[f"{kind}_PATH"] == "/"
    assert behind_https["PROXIES"] == 1


def test_passwords_are_kept_by_a_slow_hash(behind_https):
    assert behind_https["PASSWORD_HASHERS"][0] == "django.contrib.auth.hashers.PBKDF2PasswordHasher"


def test_a_new_installation_passes_djangos_own_check_for_deployment(behind_https):
    """`check --deploy --fail-level WARNING` ran in that process, and raises where it finds anything."""
    assert behind_https["said"] == "System check identified no issues (2 silenced).\n"
    assert behind_https["DEBUG"] is False


@pytest.mark.django_db
def test_a_page_may_not_keep_the_database_busy(behind_https, settings):
    assert behind_https["options"]["options"] == "-c statement_timeout=15000"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")  # as the option does for a whole connection
        with pytest.raises(Error, match="statement timeout"), transaction.atomic():
            cursor.execute("SELECT pg_sleep(5)")


@pytest.mark.django_db
def test_a_new_installation_has_no_account():
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_password_field_hides_and_lets_managers_fill_in(client):
    page = client.get("/admin/login/").content.decode()
    (field,) = re.findall(r'<input type="password"[^>]*>', page)
    assert 'autocomplete="current-password"' in field
    assert "maxlength" not in field
    assert "onpaste" not in page


@pytest.mark.django_db
def test_another_password_leaves_the_second_factor():
    ann = User.objects.create_superuser("ann", password=PASSWORD)
    CodeGenerator.objects.create(user=ann, sealed=sealing.seal(b"x" * 20), last_step=0, made_at=ann.date_joined)
    client = Entered()
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    told = {"password1": "another long secret", "password2": "another long secret", "usable_password": "true"}
    assert client.post(f"/admin/auth/user/{ann.pk}/password/", told).status_code == 302
    ann.refresh_from_db()
    assert ann.check_password("another long secret")
    assert factors.factors(ann).enrolled


@pytest.mark.django_db
def test_every_page_of_the_desk_has_the_way_out(client):
    client.force_login(User.objects.create_superuser("ann", password=PASSWORD))
    for where in ("/admin/", "/admin/tracker/decision/", "/admin/second-factor/mine/", "/admin/password_change/"):
        assert 'id="logout-form"' in client.get(where).content.decode(), where


@pytest.mark.django_db
def test_logging_out_over_https_clears_what_the_browser_kept(client):
    client.force_login(User.objects.create_superuser("ann", password=PASSWORD))
    assert client.post("/admin/logout/", **HTTPS)["Clear-Site-Data"] == '"cache", "storage"'


def test_a_sealed_secret_is_opened_by_its_key_alone_and_not_when_changed(settings):
    sealed = sealing.seal(b"secret")
    assert sealing.open_seal(sealed) == b"secret"
    assert sealing.seal(b"secret") != sealed
    for changed in (sealed[:-3] + "AA=", sealed[1:], ""):
        with pytest.raises(sealing.SealBrokenError):
            sealing.open_seal(changed)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key that is long enough for anybody"
    with pytest.raises(sealing.SealBrokenError):
        sealing.open_seal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealing.open_seal(sealed) == b"secret"


@pytest.mark.django_db
def test_the_webs_role_of_the_database_changes_no_trail_and_no_table(curator):
    from tests.admin.world import decisions

    decisions(1, curator)
    AccountEvent.objects.create(kind="logged-in", at=curator.date_joined)
    names = {part: f"sec_test_{part}" for part in roles.USUAL}
    with connection.cursor() as cursor:
        for statement in roles.statements(names):
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {names['web']}")
        for refused in (
            "UPDATE tracker_decision SET reason = 'x'",
            "DELETE FROM tracker_accountevent",
            "TRUNCATE tracker_decision CASCADE",
            "ALTER TABLE tracker_decision DISABLE TRIGGER decision_stays",
            "DROP TRIGGER account_event_stays ON tracker_accountevent",
            "DROP TABLE tracker_score CASCADE",
            "CREATE TABLE mine (id int)",
            "UPDATE tracker_blob SET size = 0",
            "UPDATE django_migrations SET name = 'x'",
        ):
            with pytest.raises(Error, match=r"permission denied|must be owner"), transaction.atomic():
                cursor.execute(refused)
        cursor.execute(
            "INSERT INTO tracker_accountevent (kind, at, user_name, client, words) VALUES ('x',now(),'','','')"
        )
        cursor.execute("SELECT count(*) FROM tracker_decision")
        assert cursor.fetchone() == (1,)
        cursor.execute(f"SET LOCAL ROLE {names['reader']}")
        cursor.execute("SELECT count(*) FROM tracker_score")
        for private in ("tracker_subscriber", "auth_user", "django_session", "tracker_codegenerator"):
            with pytest.raises(Error, match="permission denied"), transaction.atomic():
                cursor.execute(f"SELECT * FROM {private}")  # noqa: S608
        cursor.execute("RESET ROLE")


def test_the_command_prints_grants_and_refuses_names_that_are_none(capsys):
    from django.core.management.base import CommandError

    call_command("database_roles", web="our_web")
    assert "GRANT SELECT, INSERT ON tracker_decision TO our_web;" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no plain name"):
        call_command("database_roles", web="x; DROP TABLE y")


@pytest.mark.parametrize(
    "where",
    [
        "/.git/config",
        "/static/",
        "/static/../landscape/settings.py",
        "/static/%2e%2e/README.md",
        "/landscape/settings.py",
    ],
)
def test_nothing_of_the_repository_is_served(client, db, where):
    assert client.get(where).status_code == 404


@pytest.mark.django_db
def test_trace_is_refused(client):
    answer = client.generic("TRACE", "/methods/", headers={"Cookie": "sessionid=secret"})
    assert answer.status_code == 405
    assert b"secret" not in answer.content


def test_scripts_keep_nothing_but_these_names_in_the_browser():
    kept = set()
    for script in (PROJECT / "static" / "js").glob("*.js"):
        kept |= set(re.findall(r"(?:local|session)Storage\.setItem\(([^,]+),", script.read_text()))
    # The theme, the switch of the desk's keys, and reasons typed in this window.
    assert kept == {'"theme"', "KEPT", "name"}


def break_the_table():
    """A real error in the middle of a view: what it writes to is not there."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracker_attempts RENAME TO tracker_gone")


@pytest.fixture
def said(caplog):
    """All that is written, as the console shows it."""
    caplog.set_level(logging.DEBUG)
    handler = logging.getLogger().handlers[0]
    return lambda: "\n".join(
        handler.format(record) + str(vars(record).get("args"))
        for record in caplog.records
        if not record.name.startswith(("django.db", "asyncio", "fido2"))  # asked for by DEBUG alone
    )


def come_back(browser, mail, settings):
    """The reader confirms, and a mail server tells that a letter did not reach them: rightly, wrongly, in nonsense."""
    settings.MAIL_REPORT_SECRET = "a secret of thirty characters or so"
    Subscriber.objects.update(state="active", confirmed_at=Subscriber.objects.get(email=mail).asked_at)
    report = (PROJECT / "tests/digest/reports/postfix.eml").read_text().replace("{address}", mail)
    for body, secret in ((report, settings.MAIL_REPORT_SECRET), (report, "wrong"), (mail, settings.MAIL_REPORT_SECRET)):
        told = {"Authorization": f"Bearer {secret}"}
        browser.post("/mail/reports/", body, content_type="message/rfc822", headers=told)
    assert Subscriber.objects.get(email=mail).state == "bounced"


@pytest.mark.django_db
def test_nothing_personal_is_in_the_logs(said, settings):
    """Subscribing, logging in right and wrong, odd addresses, a letter that came back, an
    error: no address, password, code or cookie."""
    mail, client_address = "ann.example@example.org", "203.0.113.77"
    User.objects.create_superuser("ann", password=PASSWORD)
    browser = Client(raise_request_exception=False, REMOTE_ADDR=client_address)
    browser.post("/subscribe/", {"email": mail, "pace": "weekly"})
    browser.post("/subscribe/", {"email": f"{mail} and more", "pace": "weekly"})
    browser.post("/admin/login/", {"username": "ann", "password": "a wrong secret"})
    browser.post("/admin/login/", {"username": "ann", "password": PASSWORD})
    browser.get("/admin/second-factor/enrol/")
    browser.post("/admin/second-factor/enrol/", {"code": "987654"})
    browser.get(f"/unsubscribe/{'x' * 40}/")
    browser.get("/gap/?scope=%00&mail=" + mail)
    come_back(browser, mail, settings)

    break_the_table()
    assert browser.post("/subscribe/", {"email": mail, "pace": "weekly"}).status_code == 500
    words = said()
    assert "tracker_attempts" in words
    session = browser.cookies["sessionid"].value
    found = [
        secret
        for secret in (mail, mail.upper(), "ann.example", client_address, PASSWORD, "a wrong secret", "987654", session)
        if secret in words
    ]
    assert found == []


@pytest.mark.django_db
def test_a_refusal_is_logged_without_a_name(said, client):
    client.force_login(User.objects.create_user("clerk.of.records", password=PASSWORD, is_staff=True))
    assert client.get("/admin/tracker/decision/").status_code == 403
    assert "Forbidden" in said()
    assert "clerk.of.records" not in said()


@pytest.mark.django_db
def test_an_error_tells_the_reader_nothing_of_itself():
    break_the_table()
    answer = Client(raise_request_exception=False).post("/subscribe/", {"email": "a@example.org", "pace": "weekly"})
    assert answer.status_code == 500
    for word in (b"tracker_attempts", b"Traceback", b"ProgrammingError", b"psycopg", b"INSERT"):
        assert word not in answer.content
