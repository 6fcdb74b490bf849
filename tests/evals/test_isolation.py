"""The sandbox holds: what is tried inside fails, what it starts ends with it, and its absence is said aloud."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tracker.evals import isolation
from tracker.evals.isolation import Bubblewrap, Wall
from tracker.evals.probe import probe
from tracker.evals.troubles import NoIsolation

NOWHERE = ("/nowhere/bwrap",)
works, why = isolation._first_that_works(isolation.BUBBLEWRAP)
needs_bubblewrap = pytest.mark.skipif(works is None, reason=f"bubblewrap does not work here: {why}")


def run(
    script, *, wall=None, readable=(), writable=(), environment=None, seconds=20.0, memory=None, processes=16, **more
):
    """What the script wrote in the sandbox, as text."""
    argv, _ = isolation.command(
        [isolation.python(), "-I", "-S", "-c", script],
        wall=wall or Wall(),
        readable=readable,
        writable=writable,
        memory=memory,
        processes=processes,
        seconds=seconds,
        environment=environment or {},
        **more,
    )
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


@needs_bubblewrap
def test_nothing_that_a_hostile_model_would_try_first_gets_out(tmp_path):
    (tmp_path / "secret").write_text("the key of the database")
    # A networkless loopback answers at once; what lies outside is asked for too, and is not there to be reached.
    assert probe(Wall(), private=[tmp_path, Path(__file__).parent]) == []


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="others have no files that nobody else may read")
def test_nothing_gets_out_where_root_has_to_stay_root_for_its_files(tmp_path):
    """To the kernel it is: what it may not write is read-only, and not another's."""
    tmp_path.chmod(0o700)
    assert isolation._real_user(works, [tmp_path], ()) is None
    assert probe(Wall(), private=[Path(__file__).parent], readable=[tmp_path], online=False) == []


@needs_bubblewrap
def test_the_probe_finds_the_holes_where_there_is_no_wall(tmp_path):
    (tmp_path / "secret").write_text("the key of the database")
    found = probe(Wall("off"), private=[tmp_path], online=False)
    assert f"{tmp_path} could be read" in found
    assert "the host's loopback could be reached" in found
    assert "a socket of the host without a place could be reached" in found
    assert "processes of the host could be seen" in found
    assert "what is the kernel's could be written" in found or os.geteuid() != 0
    assert "a file of 100 GB could be made in /tmp" not in found  # the limits hold all the same
    assert "ptrace could be called" not in found
    assert "more memory could be had" not in found


@needs_bubblewrap
def test_it_sees_the_given_environment_and_no_other(monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    done = run("import os, json; print(json.dumps(dict(os.environ)))", environment={"ASKED": "for"})
    seen = json.loads(done.stdout)
    assert seen["ASKED"] == "for"
    assert seen.keys() <= {"ASKED", "PATH", "HOME", "TMPDIR", "LANG", "PWD", "LC_CTYPE"}


@needs_bubblewrap
def test_the_environment_of_bubblewrap_itself_is_empty(monkeypatch):
    """It would be there to read under /proc/1, whatever was cleared for the child."""
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    done = run("print(repr(open('/proc/1/environ').read()))")
    assert done.stdout.strip() in ("''", "")  # readable and empty, or not readable


@needs_bubblewrap
def test_no_key_stands_on_a_command_line():
    argv, _ = isolation.command(
        [isolation.python(), "-I", "-S", "-c", "import os, time; print(os.environ['KEY'], flush=True); time.sleep(30)"],
        wall=Wall(),
        readable=(),
        memory=None,
        processes=8,
        seconds=30,
        environment={"KEY": "sesame-4711"},
    )
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        with process.stdout as pipe:
            assert pipe.readline() == "sesame-4711\n"
        lines = b"".join(_read(file) for file in Path("/proc").glob("[0-9]*/cmdline"))
        assert b"sesame-4711" not in lines
    finally:
        isolation.end(process)


def _read(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""


@needs_bubblewrap
def test_given_folders_are_read_and_only_writable_ones_written(tmp_path):
    inner, outer = tmp_path / "in", tmp_path / "out"
    inner.mkdir()
    outer.mkdir()
    (inner / "weights").write_text("7")
    script = f"""
open({str(outer / "answer")!r}, "w").write(open({str(inner / "weights")!r}).read())
try:
    open({str(inner / "weights")!r}, "w")
except OSError as error:
    print("refused")
"""
    done = run(script, readable=[inner], writable=[outer])
    assert (done.stdout, (outer / "answer").read_text(), (inner / "weights").read_text()) == ("refused\n", "7", "7")


@needs_bubblewrap
@pytest.mark.parametrize("kept", [False, True], ids=["another user", "root's files"])
def test_who_it_is_and_where_it_is_can_be_looked_up(tmp_path, kept):
    """Libraries ask for the name of the user, and fall over where there is none."""
    tmp_path.chmod(0o700)
    script = "import os, pwd, socket; print(pwd.getpwuid(os.getuid()).pw_name, socket.gethostbyname('localhost'))"
    assert run(script, readable=[tmp_path] if kept else []).stdout == "nobody 127.0.0.1\n"


@needs_bubblewrap
@pytest.mark.parametrize("kept", [False, True], ids=["another user", "root's files"])
def test_every_folder_on_the_way_can_be_entered(tmp_path, kept):
    tmp_path.chmod(0o700)
    script = """
import os
for folder, inner, _ in os.walk("/"):
    inner[:] = [one for one in inner if one not in ("proc", "usr", "lib", "site-packages", "cpu", "node")]
    for one in inner:
        try:
            os.listdir(os.path.join(folder, one))
        except PermissionError:
            print(folder, one)
"""
    done = run(script, readable=[tmp_path] if kept else [])
    assert (done.stdout, done.stderr) == ("", "")


@needs_bubblewrap
def test_its_own_loopback_is_up():
    script = """
import socket
server = socket.create_server(("127.0.0.1", 0))
with socket.create_connection(server.getsockname()) as client:
    print("talked")
"""
    assert run(script).stdout == "talked\n"


@needs_bubblewrap
def test_what_is_written_in_its_tmp_is_gone_with_it():
    """The folder's name is the same inside and outside; the folder is not."""
    name = Path(tempfile.gettempdir(), f"left-{os.getpid()}")
    script = f"import tempfile; open(tempfile.gettempdir() + '/{name.name}', 'w').write('x'); print('written')"
    assert run(script).stdout == "written\n"
    assert not name.exists()


@needs_bubblewrap
def test_the_wall_clock_ends_it_and_all_it_started():
    mark = f"sleeper-{os.getpid()}"
    script = f"""
import os, signal, sys, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.setitimer(signal.ITIMER_REAL, 0)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(50)", {mark!r}])
time.sleep(50)
"""
    begun = time.monotonic()
    assert run(script, seconds=1.5).returncode != 0
    assert time.monotonic() - begun < 10
    assert not _running(mark)


@needs_bubblewrap
def test_the_end_of_the_one_who_started_it_is_its_end():
    mark = f"orphan-{os.getpid()}"
    argv, _ = isolation.command(
        [isolation.python(), "-I", "-S", "-c", "print('up', flush=True); import time; time.sleep(50)", mark],
        wall=Wall(),
        readable=(),
        memory=None,
        processes=8,
        seconds=None,
        environment={},
    )
    starter = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(50)"
    parent = subprocess.Popen([sys.executable, "-I", "-S", "-c", starter, *argv], stdout=subprocess.PIPE, text=True)
    with parent.stdout as pipe:
        assert pipe.readline() == "up\n"
        parent.kill()
        assert pipe.read() == ""  # the last that held the other end is gone
    parent.wait()
    _gone(mark)


@needs_bubblewrap
def test_whoever_started_it_can_end_it_with_its_children():
    mark = f"child-{os.getpid()}"
    script = f"""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    program = "print('up', flush=True); import time; time.sleep(50)"
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", program, {mark!r}])
time.sleep(50)
"""
    argv, _ = isolation.command(
        [isolation.python(), "-I", "-S", "-c", script],
        wall=Wall(),
        readable=(),
        memory=None,
        processes=8,
        seconds=None,
        environment={},
    )
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    with process.stdout as pipe:
        assert pipe.readline() == "up\n"
        isolation.end(process)
    _gone(mark)


def _running(mark):
    return [file for file in Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in _read(file)]


def _gone(mark):
    until = time.monotonic() + 5
    while _running(mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _running(mark)


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_root_becomes_a_user_whose_processes_are_counted_with_no_control_group(monkeypatch):
    monkeypatch.setattr(isolation, "CGROUPS", Path("/nowhere"))
    script = """
import os
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith(("Uid", "CapPrm", "CapEff"))))
children = 0
while children < 100:
    try:
        if os.fork() == 0:
            os.read(0, 1)
            os._exit(0)
    except OSError:
        break
    children += 1
print(children)
os.killpg(0, 9)
"""
    read, write = os.pipe()
    argv, words = isolation.command(
        [isolation.python(), "-I", "-S", "-u", "-c", script],
        wall=Wall(),
        readable=(),
        memory=None,
        processes=12,
        seconds=20,
        environment={},
    )
    done = subprocess.run(argv, stdin=read, capture_output=True, text=True, timeout=30, check=False)
    os.close(read)
    os.close(write)
    who, children = done.stdout.splitlines()
    uid, *capabilities = who.split()
    assert int(uid) in isolation.UIDS
    assert {int(one, 16) for one in capabilities} == {0}
    assert int(children) < 12
    assert "at most 12 processes" in words


@needs_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads what others may not")
def test_folders_that_only_root_may_read_are_read_and_the_words_say_what_that_costs(monkeypatch, tmp_path):
    monkeypatch.setattr(isolation, "CGROUPS", Path("/nowhere"))
    (tmp_path / "weights").write_text("7")
    tmp_path.chmod(0o700)
    argv, words = isolation.command(
        [isolation.python(), "-I", "-S", "-c", f"print(open({str(tmp_path / 'weights')!r}).read())"],
        wall=Wall(),
        readable=[tmp_path],
        memory=None,
        processes=12,
        seconds=20,
        environment={},
    )
    assert subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False).stdout == "7\n"
    assert "processes NOT limited" in words


def test_without_bubblewrap_a_required_wall_is_a_refusal_with_a_remedy():
    with pytest.raises(NoIsolation, match=r"apt install bubblewrap.*EVALUATION_ISOLATION=warn"):
        run("print(1)", wall=Wall("require", bwrap=NOWHERE))


def test_a_bubblewrap_that_fails_is_none(tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(NoIsolation, match="uid map: Permission denied"):
        run("print(1)", wall=Wall("require", bwrap=(str(fake),)))


def test_without_bubblewrap_a_warning_is_loud_and_the_limits_hold(monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    argv, words = isolation.command(
        ["/usr/bin/env"],
        wall=Wall("warn", bwrap=NOWHERE),
        readable=(),
        memory=1 << 30,
        processes=8,
        seconds=10,
        environment={"ASKED": "for"},
    )
    assert words.startswith("NOT ISOLATED")
    seen = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False).stdout
    assert "ASKED=for" in seen
    assert "secret" not in seen
    script = (
        "import resource; print(*(resource.getrlimit(one)[0] for one in (resource.RLIMIT_AS, resource.RLIMIT_CORE)))"
    )
    assert run(script, wall=Wall("warn", bwrap=NOWHERE), memory=1 << 30).stdout.split() == [str(1 << 30), "0"]


def test_a_misspelt_wall_is_no_wall_but_an_error():
    with pytest.raises(ValueError, match="'requird' is no wall"):
        Wall("requird")
    assert Wall("REQUIRE") == Wall("require")


@pytest.mark.parametrize("hole", ["/", "/root", "/home", "/etc", "/proc", "/var", "/tmp", str(Path.home())])
def test_a_folder_that_holds_the_machine_is_not_given(hole):
    with pytest.raises(ValueError, match="not for a sandbox to see"):
        run("print(1)", readable=[Path(hole)])


def test_an_old_bubblewrap_is_asked_only_what_it_knows():
    words = {"network": False, "real": False, "packages": True, "scratch": 1 << 20}
    assert "--size" in isolation._arguments(Bubblewrap("bwrap", (0, 8, 0), True), (), (), (), **words)
    old = Bubblewrap("bwrap", (0, 6, 1), True)
    assert "--size" not in isolation._arguments(old, (), (), (), **words)
    assert "size of /tmp NOT limited" in isolation._words(old, network=False, filtered=True, processes=8)


@needs_bubblewrap
def test_entering_costs_less_than_the_third_of_a_second():
    """The fastest of several: the others wait for what else this machine does."""
    taken = []
    for _ in range(8):
        begun = time.perf_counter()
        run("")
        walled = time.perf_counter() - begun
        begun = time.perf_counter()
        subprocess.run([isolation.python(), "-I", "-S", "-c", ""], check=True)
        taken.append(walled - (time.perf_counter() - begun))
    assert min(taken) < 0.3
