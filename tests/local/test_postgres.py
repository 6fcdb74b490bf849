"""The embedded PostgreSQL: a real one is started, killed, recovered and stopped."""

import contextlib
import importlib.metadata
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg import pq

from landscape.local import processes
from landscape.local.account import unprivileged
from landscape.local.postgres import (
    PACKAGE,
    Postgres,
    PostgresError,
    major_of,
    options,
    packaged,
    socket_folder,
)

PROJECT = Path(__file__).resolve().parents[2]
OTHER = """
import sys
from pathlib import Path
from landscape.local.postgres import Postgres
with Postgres(Path(sys.argv[1]), durable=False, tied=sys.argv[2] == "tied").use():
    print("using", flush=True)
    input()
"""


@pytest.fixture
def server(state_folder: Path) -> Iterator[Postgres]:
    postgres = Postgres(state_folder, durable=False)
    yield postgres
    postgres.stop()


@contextmanager
def used_elsewhere(state: Path, *, tied: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the same server until a line is sent to it."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(state), "tied" if tied else "free"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "using\n"
        yield process


def test_the_first_use_makes_a_database_that_is_still_there_at_the_next(server: Postgres) -> None:
    with server.use(), server.connect() as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    assert server.ping() is pq.Ping.NO_RESPONSE
    with server.use(), server.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_case_is_folded_beyond_ascii_on_a_machine_without_locales(server: Postgres) -> None:
    with server.use(), server.connect() as connection:
        assert connection.execute("SELECT 'École' ILIKE 'éCOLE', current_setting('TimeZone')").fetchone() == (
            True,
            "UTC",
        )


def test_what_was_committed_survives_the_kill_of_the_server(state_folder: Path) -> None:
    server = Postgres(state_folder)  # with durability, as in production
    with server.use():
        with server.connect() as connection:
            connection.execute("CREATE TABLE kept (n int)")
            for number in range(50):
                connection.execute("INSERT INTO kept VALUES (%s)", [number])
            pid = server.pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        assert processes.wait_until(lambda: server.ping() is pq.Ping.NO_RESPONSE, seconds=10)
        assert server.ensure()
        assert server.pid() != pid
        with server.connect() as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (50,)


def test_a_start_that_is_given_up_leaves_no_server_behind(state_folder: Path) -> None:
    server = Postgres(state_folder, durable=False, give_up=lambda: True)
    with pytest.raises(PostgresError, match="not waited for"), server.use():
        pass
    assert server.child is None
    assert server.ping() is pq.Ping.NO_RESPONSE


def test_a_server_that_runs_is_left_as_it_is(server: Postgres) -> None:
    with server.use():
        pid = server.pid()
        assert not server.ensure()
        assert server.pid() == pid


def test_the_last_one_out_stops_it_and_nobody_else(server: Postgres, state_folder: Path) -> None:
    with used_elsewhere(state_folder) as other:
        with server.use():
            pid = server.pid()
        assert server.pid() == pid
        other.communicate("\n")
    assert server.pid() is None


def test_a_user_that_was_killed_is_not_waited_for_and_its_server_is_taken_over(
    server: Postgres, state_folder: Path
) -> None:
    with used_elsewhere(state_folder) as other:
        other.kill()
        other.wait()
    pid = server.pid()
    assert pid is not None
    with server.use():
        assert server.pid() == pid
    assert server.pid() is None


def test_a_server_tied_to_its_starter_stops_when_that_is_killed(server: Postgres, state_folder: Path) -> None:
    with used_elsewhere(state_folder, tied=True) as other:
        other.kill()
        other.wait()
    assert processes.wait_until(lambda: server.pid() is None, seconds=10)


def test_one_tied_to_its_starter_is_down_before_that_goes_whoever_else_uses_it(
    server: Postgres, state_folder: Path
) -> None:
    """It would end with its starter in any case: a service manager then kills what has not ended yet."""
    tied = Postgres(state_folder, durable=False, tied=True)
    with contextlib.ExitStack() as stack:
        with tied.use():
            other = stack.enter_context(used_elsewhere(state_folder))
            assert tied.pid() is not None
        assert server.pid() is None
        other.communicate("\n")


def test_a_process_number_that_went_to_another_program_does_not_keep_it_from_starting(server: Postgres) -> None:
    with server.use():
        pass
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.account.own(server.data / "postmaster.pid")
    assert server.pid() is None
    with server.use():
        assert server.pid() != os.getpid()


def test_half_a_cluster_from_an_interrupted_start_is_made_anew(server: Postgres) -> None:
    draft = server.root / "data.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with server.use(), server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not draft.exists()


def test_data_of_another_major_version_are_not_touched(server: Postgres) -> None:
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match=r"made by PostgreSQL 9 .* export"), server.use():
        pass
    assert [file.name for file in server.data.iterdir()] == ["PG_VERSION"]


def test_a_state_folder_too_deep_for_a_socket_still_works(state_folder: Path) -> None:
    deep = state_folder / ("d" * 60) / ("e" * 60)
    server = Postgres(deep, durable=False)
    try:
        with server.use(), server.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert deep not in server.socket.parents
    finally:
        shutil.rmtree(server.socket, ignore_errors=True)


def test_only_its_own_account_can_reach_it(server: Postgres) -> None:
    with server.use():
        mode = (server.socket / ".s.PGSQL.5432").stat().st_mode
        assert stat.S_IMODE(mode) == 0o700
        with server.connect() as connection:
            assert connection.execute("SELECT current_setting('listen_addresses')").fetchone() == ("",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change the account")
def test_root_lends_it_an_account_and_changes_no_folder_above(server: Postgres, state_folder: Path) -> None:
    before = state_folder.parent.stat(), state_folder.stat().st_mode
    with server.use():
        pid = server.pid()
        assert Path(f"/proc/{pid}").stat().st_uid == unprivileged().uid != 0
    assert (state_folder.parent.stat().st_mode, state_folder.stat().st_mode) == (before[0].st_mode, before[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change the account")
def test_root_is_told_of_a_state_folder_that_the_account_cannot_enter(state_folder: Path) -> None:
    state_folder.chmod(0o700)
    with pytest.raises(PostgresError, match="STATE_DIR"), Postgres(state_folder / "state", durable=False).use():
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change the account")
def test_programs_under_a_closed_home_are_copied_to_where_the_account_can_run_them(state_folder: Path) -> None:
    site = state_folder / "home" / "site-packages"
    package, original = packaged().parents[1], packaged().parents[2]
    for folder in (package, original / f"{package.name}.libs"):
        if folder.is_dir():
            shutil.copytree(folder, site / folder.name, symlinks=True)
    site.parent.chmod(0o700)
    server = Postgres(state_folder / "state", programs=site / package.name / "pginstall" / "bin", durable=False)
    with server.use():
        program = Path(f"/proc/{server.pid()}/exe").readlink()
    assert program.is_relative_to(server.root / "programs" / importlib.metadata.version(PACKAGE))
    assert site.parent.stat().st_mode & 0o777 == 0o700


def test_the_host_follows_from_the_state_folder_alone(state_folder: Path) -> None:
    assert socket_folder(state_folder) == socket_folder(state_folder) == state_folder / "postgres" / "socket"


def test_only_tests_do_without_durability() -> None:
    assert "fsync=off" not in options(Path("/d"), Path("/s"), durable=True)
    assert "fsync=off" in options(Path("/d"), Path("/s"), durable=False)


def test_the_major_version_is_read_from_the_programs_own_words() -> None:
    assert major_of("postgres (PostgreSQL) 18.6\n") == "18"
