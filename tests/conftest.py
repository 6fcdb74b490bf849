"""What every test stands on: a state folder of its own, a real PostgreSQL in it, a broker in memory, a Chromium."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium's own sandbox does not work as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def make_state_folder() -> Path:
    """Short, because a socket must fit in, and open, because as root the database runs as another account."""
    folder = Path(tempfile.mkdtemp(prefix="alt-"))
    folder.chmod(0o755)
    return folder


# Settings are read when the first plugin asks for them, so this cannot wait for a fixture. The workers of a parallel
# run are started by a process that has come through here, and share its folder and its database server.
OWNER = "TESTS_STATE_DIR" not in os.environ
STATE = make_state_folder() if OWNER else Path(os.environ["TESTS_STATE_DIR"])
(STATE / "static").mkdir(exist_ok=True)
TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")
MAIL = (
    "OPERATOR_EMAIL",
    "SERVER_EMAIL",
    "EMAIL_URL",
    "MAIL_PROVIDER",
    "MAIL_REPORT_SECRET",
    "POSTAL_ADDRESS",
    "SITE_URL",
)
DIGEST = tuple(f"DIGEST_{name}" for name in ("ZONE", "HOUR", "AUTOMATIC", "FROM", "REPLY_TO", "PACE"))
OURS = (
    *"SOURCE_MIRROR CONTACT DEBUG ALLOWED_HOSTS BEHIND_HTTPS SECRET_KEY LOG_LEVEL LOG_FORMAT".split(),
    "LEASE_SECONDS",
    *"SECRET_KEY_FALLBACKS HSTS_SUBDOMAINS PROXIES STATEMENT_TIMEOUT PROCESS".split(),
    *(f"LIMIT_{name}" for name in "LOGIN API SEARCH EXPORTS FILES QUESTIONS".split()),
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    *MAIL,
    *DIGEST,
)
for name in OURS:  # what the developer has set for an instance must not change what the tests find
    os.environ.pop(name, None)
# What goes round with the days: one day for all workers, even where they begin at midnight.
os.environ.setdefault("TESTS_DAY", str(datetime.now(UTC).toordinal()))
os.environ |= {
    "TESTS_STATE_DIR": str(STATE),
    "STATE_DIR": str(STATE),
    "DATABASE_URL": TEST_DATABASE_URL,
    "DATABASE_POOL": "0",  # a test database cannot be dropped while a pool keeps connections to it
    "BROKER_URL": "memory://",
    "COLLECT_LIVE": "0",
    "STATIC_HASHED": "0",  # the live server serves files as they lie in the repository
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright runs an event loop in the thread of the test
    "DJANGO_SETTINGS_MODULE": "landscape.settings",
}


def pytest_configure() -> None:
    """Read the settings now that the environment is right; pytest-django then sets Django up."""
    from django.conf import settings

    assert settings.STATE_DIR == STATE
    # Passwords here protect nothing, and a hash that is slow on purpose costs every test that makes a user.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    if OWNER:
        shutil.rmtree(STATE, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The first test that wants the database starts the server; the last process that used it stops it."""
    if TEST_DATABASE_URL:
        yield
        return
    from landscape.local.postgres import Postgres

    with Postgres(STATE, durable=False).use():
        yield


def end_other_sessions() -> None:
    """A browser test's event loop and a test's threads can leave a connection behind, and a database with one can
    neither be copied nor dropped."""
    from django.db import connection

    # Ours may have been ended so by somebody else.
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    connection.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        end_other_sessions()


@pytest.fixture
def client() -> Any:
    """pytest-django's, for which `force_login` counts as both proofs of the way in."""
    from tests.entering import Entered

    return Entered()


@pytest.fixture
def admin_client(admin_user: Any) -> Any:
    """pytest-django's, likewise."""
    from tests.entering import Entered

    entered = Entered()
    entered.force_login(admin_user)
    return entered


@pytest.fixture
def state_folder() -> Iterator[Path]:
    """An empty state folder, for tests that start servers of their own."""
    folder = make_state_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next((found for name in CHROMIUMS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own browser instead of one that Playwright would have to download."""
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium on this machine: install one, or name it in CHROMIUM")
    return {**browser_type_launch_args, "executable_path": executable, "args": CHROMIUM_FLAGS}
