"""What an environment variable may say, and how the start is refused when it says something else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from landscape.environment import Environment, kept_secret, make_folder, state_folder

PROJECT = Path(__file__).resolve().parents[2]
WEB = frozenset({"http", "https"})


PRINT = "from django.conf import settings as s; print(s.DATABASES, s.SECRET_KEY)"


def start(folder: Path, program: str = PRINT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of their own, as every program of the site does."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PYTHONPATH"}}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**clean, "DJANGO_SETTINGS_MODULE": "landscape.settings", "STATE_DIR": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "postgres://localhost:seven/x"),
        ("DATABASE_URL", "postgres://localhost"),
        ("DATABASE_POOL", "many"),
        ("BROKER_URL", "kafka://localhost"),
        ("BROKER_URL", "localhost:6379"),
        ("SOURCE_MIRROR", "127.0.0.1:8900"),
        ("CONTACT", "somebody"),
        ("CONTACT", "me@example.org\r\nX-Other: 1"),
        ("LOG_LEVEL", "LOUD"),
        ("DEBUG", "perhaps"),
        ("COLLECT_LIVE", "2"),
        ("SECRET_KEY", "short"),
        ("OPERATOR_EMAIL", "ann"),
        ("OPERATOR_EMAIL", "ann@example.org, Bob <bob@example.org>"),
        ("SERVER_EMAIL", "a@example.org,b@example.org"),
        ("EMAIL_URL", "mail.example.org:25"),
        ("EMAIL_URL", "smtp://:25"),
        ("EMAIL_URL", "smtp://ann@mail.example.org"),
        ("EMAIL_URL", "smtp://mail.example.org?tls=1"),
        ("STATE_DIR", "/proc/no-such-place"),
    ],
)
def test_nonsense_stops_the_start_with_the_variables_name(tmp_path: Path, name: str, value: str) -> None:
    refused = start(tmp_path, **{name: value})
    assert refused.returncode != 0
    assert refused.stderr.strip().splitlines()[-1].startswith(f"django.core.exceptions.ImproperlyConfigured: {name}")


def test_nothing_need_be_set_and_the_database_lies_in_the_state_folder(tmp_path: Path) -> None:
    started = start(tmp_path)
    assert started.returncode == 0, started.stderr
    assert str(tmp_path / "postgres" / "socket") in started.stdout


def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    first, second = start(tmp_path), start(tmp_path)
    assert first.stdout == second.stdout
    assert (tmp_path / "secret-key").read_text() in first.stdout
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "one") != kept_secret(tmp_path / "two")


def test_a_cut_off_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("abc")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        kept_secret(tmp_path / "key")


def test_a_given_server_replaces_the_embedded_one(tmp_path: Path) -> None:
    started = start(tmp_path, DATABASE_URL="postgres://reader:secret@db.example:5433/facts")
    assert "'HOST': 'db.example'" in started.stdout
    assert "'CONN_HEALTH_CHECKS': True" in started.stdout


def settings_of(folder: Path, *names: str, **variables: str) -> list[str]:
    program = f"from django.conf import settings as s; print(*[getattr(s, n, None) for n in {names!r}], sep='\\n')"
    started = start(folder, program=program, **variables)
    assert started.returncode == 0, started.stderr
    return started.stdout.splitlines()


def test_letters_go_to_the_server_and_the_people_that_are_named(tmp_path: Path) -> None:
    names = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS")
    names += ("EMAIL_USE_SSL", "ADMINS", "SERVER_EMAIL", "DEFAULT_FROM_EMAIL")
    told = settings_of(
        tmp_path, *names, EMAIL_URL="smtp+starttls://ann:s%40cret@mail.example.org",
        OPERATOR_EMAIL="ann@example.org, bob@example.org", SERVER_EMAIL="site@example.org",
    )  # fmt: skip
    assert told == [
        "django.core.mail.backends.smtp.EmailBackend", "mail.example.org", "587", "ann", "s@cret", "True", "False",
        "[('Operator', 'ann@example.org'), ('Operator', 'bob@example.org')]", "site@example.org", "site@example.org",
    ]  # fmt: skip


def test_without_a_mail_server_letters_are_kept_in_the_state_folder(tmp_path: Path) -> None:
    told = settings_of(tmp_path, "EMAIL_BACKEND", "EMAIL_FILE_PATH", "ADMINS")
    assert told[:2] == ["django.core.mail.backends.filebased.EmailBackend", str(tmp_path / "mail")]
    assert "operator@" in told[2]


def test_a_mail_server_without_anybody_to_write_to_is_refused(tmp_path: Path) -> None:
    refused = start(tmp_path, EMAIL_URL="smtp://mail.example.org")
    assert "ImproperlyConfigured: OPERATOR_EMAIL" in refused.stderr


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+starttls://mail.example.org", 587, True, False),
        ("smtps://mail.example.org", 465, False, True),
        ("smtps://mail.example.org:10465", 10465, False, True),
    ],
)
def test_the_scheme_says_how_letters_are_kept_secret_on_their_way(
    url: str, port: int, starttls: bool, tls: bool
) -> None:
    server = Environment({"X": url}).mail_server("X")
    assert server is not None
    assert (server.host, server.port, server.starttls, server.tls) == ("mail.example.org", port, starttls, tls)


def test_a_mail_servers_password_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment({"X": "smtp://ann:hunter2@mail.example.org/box"}).mail_server("X")
    assert "hunter2" not in str(refusal.value)


def test_behind_https_machines_inside_ask_without_it(tmp_path: Path) -> None:
    (exempt,) = settings_of(tmp_path, "SECURE_REDIRECT_EXEMPT", BEHIND_HTTPS="1")
    assert exempt == "['^healthz$', '^readyz$', '^metrics$']"


def test_a_password_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment({"X": "ftp://me:hunter2@host/"}).url("X", schemes=WEB)
    assert "hunter2" not in str(refusal.value)


def test_a_blank_value_counts_as_not_given() -> None:
    assert Environment({"X": "  "}).text("X", "default") == "default"
    assert Environment({"X": ""}).url("X", schemes=WEB) == ""
    assert Environment({"X": ""}).flag("X", default=True) is True


def test_lists_are_split_at_commas() -> None:
    assert Environment({"X": " a, b ,,c"}).items("X", default="") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("variables", "uid", "expected"),
    [
        ({}, 0, "/var/lib/ai-landscape"),
        ({}, 1000, "/home/ann/.local/state/ai-landscape"),
        ({"XDG_STATE_HOME": "/data"}, 1000, "/data/ai-landscape"),
        ({"XDG_STATE_HOME": "not/absolute"}, 1000, "/home/ann/.local/state/ai-landscape"),
        ({"XDG_STATE_HOME": "/data"}, 0, "/var/lib/ai-landscape"),
        ({"STATE_DIR": "/srv/landscape", "XDG_STATE_HOME": "/data"}, 1000, "/srv/landscape"),
    ],
)
def test_where_the_state_is_kept(variables: dict[str, str], uid: int, expected: str) -> None:
    assert state_folder(Environment(variables), uid=uid, home=Path("/home/ann")) == Path(expected)


def test_a_file_in_the_place_of_the_state_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(ImproperlyConfigured, match="STATE_DIR"):
        make_folder(tmp_path / "state")
