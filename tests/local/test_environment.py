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


def start(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of their own, as every program of the site does."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PYTHONPATH"}}
    return subprocess.run(
        [sys.executable, "-c", "from django.conf import settings as s; print(s.DATABASES, s.SECRET_KEY)"],
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
