"""How a process that runs a stranger's weights or a model's code is locked in: bubblewrap, limits, a filter of calls.

Inside there is the Python that runs us, /usr, what the caller names, and nothing else: no network but its own loopback,
no home, no state, no environment but the given one, no other processes, no capability, and a /tmp that ends with it.
"""

import functools
import marshal
import os
import platform
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from tracker.evals import launcher, seccomp
from tracker.evals.troubles import NoIsolation

Mode = Literal["require", "warn", "off"]
BUBBLEWRAP = ("/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap")  # PATH is nothing to lean on here
REMEDY = (
    "Install bubblewrap (Debian and Ubuntu: apt install bubblewrap) and let it make user namespaces "
    "(sysctl user.max_user_namespaces; on Ubuntu 24.04 kernel.apparmor_restrict_unprivileged_userns=0 or a profile for "
    "bwrap; in a container the rights for it), or set EVALUATION_ISOLATION=warn to run models without these walls."
)
NOBODY = 65534
UIDS = range(61184, 65520)  # where systemd takes the users that nobody registered, and in the map of most containers
MOST_LOOKED_AT = 5000
SCRATCH = 2 << 30  # bytes of /tmp and /dev/shm, which are memory
# A mistaken bind of one of these, or of what holds them, would be a hole and not a wall.
KEPT_OUT = tuple(map(Path, "/root /home /etc /proc /sys /dev /run /var /boot /tmp".split()))
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu", "/sys/devices/system/node")
LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ONLINE = ("/etc/resolv.conf", "/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/ca-certificates")
CGROUPS = Path("/sys/fs/cgroup")
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108  its own


@dataclass(frozen=True, slots=True)
class Wall:
    """Whether a machine without bubblewrap may run a model at all. `bwrap` is where it is looked for."""

    mode: Mode = "require"
    bwrap: tuple[str, ...] = BUBBLEWRAP

    def __post_init__(self) -> None:
        # A misspelt "require" that let everything through would be found out too late.
        object.__setattr__(self, "mode", self.mode.lower())
        if self.mode not in get_args(Mode):
            raise ValueError(f"{self.mode!r} is no wall; there are {', '.join(get_args(Mode))}")


@dataclass(frozen=True, slots=True)
class Cgroup:
    """A group under which others can be made, and what limits their processes and memory there."""

    parent: str
    processes: str = ""
    memory: str = ""


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A bubblewrap that was tried. `own` says that it makes user namespaces; only root does without."""

    path: str
    version: tuple[int, ...]
    own: bool


def command(
    argv: Sequence[str],
    *,
    wall: Wall,
    readable: Sequence[Path],
    writable: Sequence[Path] = (),
    devices: Sequence[Path] = (),
    network: bool = False,
    memory: int | None,
    processes: int,
    seconds: float | None,
    environment: Mapping[str, str],
    sockets: bool = True,
    packages: bool = True,
    file_size: int = SCRATCH,
) -> tuple[list[str], str]:
    """What to start, once and at once, and in words how it is locked in. Raises NoIsolation where it cannot be and the
    wall is required.

    `seconds` on the wall's clock end it with all it started; `memory` is each process's address space, and everybody's
    together where there are control groups; `file_size` is that of each file. Without `packages` there is only Python's
    own library. The process and all its children die
    when the *thread* that started it ends, and by `end`.
    """
    for path in (*readable, *writable):
        if any(kept == path or kept.is_relative_to(path) for kept in (*KEPT_OUT, Path.home())):
            raise ValueError(f"{path} is not for a sandbox to see")
    limits = {
        "CORE": 0,
        "NOFILE": 65536 if sockets else 256,
        "NPROC": processes,
        "FSIZE": file_size,
        **({"AS": memory} if memory is not None else {}),
        **({"CPU": int(seconds * (os.cpu_count() or 1)) + 2} if seconds is not None else {}),
    }
    program = seccomp.program(platform.machine(), sockets=sockets)
    plan: dict[str, Any] = {
        "argv": list(argv),
        "bwrap": "",
        "cgroups": [],
        "directory": tempfile.gettempdir(),
        "environment": {**PLAIN_ENVIRONMENT, **environment},
        "filter": program or b"",
        "limits": limits,
        "seconds": seconds,
    }
    bubblewrap, reason = _first_that_works(wall.bwrap) if wall.mode != "off" else (None, "switched off")
    groups = _control_groups(memory, processes)
    plan["cgroups"] = [(group.parent, _limits_of(group, memory, processes)) for group in groups]
    if bubblewrap is None:
        if wall.mode == "require":
            raise NoIsolation(f"The model cannot be locked in: {reason}. {REMEDY}")
        # Without a namespace the limit counts what the person who runs us has running anyway.
        limits["NPROC"] += _running()
        words = _unlocked_words(wall, reason, program is not None)
    else:
        uid = _real_user(bubblewrap, readable, writable)
        counted = uid is not None or os.geteuid() != 0 or any(group.processes for group in groups)
        plan["bwrap"] = bubblewrap.path
        plan["files"] = _small_files(NOBODY if uid is None else uid)
        plan["arguments"] = _arguments(
            bubblewrap,
            readable,
            writable,
            devices,
            network=network,
            real=uid is not None,
            packages=packages,
            scratch=min(memory or SCRATCH, SCRATCH),
        )
        pairs = ",".join(f"{name}={most}" for name, most in limits.items())
        plan["inner"] = [python(), "-I", "-S", "/launcher.py", "inside", str(uid or 0), pairs, *argv]
        words = _words(bubblewrap, network=network, filtered=program is not None, processes=processes if counted else 0)
    return [python(), "-I", "-S", launcher.__file__, "outside", _left_in_a_file(plan)], words


def end(process: "subprocess.Popen[Any]") -> None:
    """Kills what `command` gave and was started, with everything that it started in turn."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()  # not yet the leader of a group of its own, or gone
    process.wait()


def python() -> str:
    """The interpreter itself, not a link in an environment that the sandbox may not have."""
    return str(Path(sys.executable).resolve())


def _left_in_a_file(plan: dict[str, Any]) -> str:
    """Not on the command line: the environment may hold a key, and command lines are no secret."""
    descriptor, name = tempfile.mkstemp(prefix="sandbox-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(marshal.dumps(plan))
    return name


@functools.cache
def _first_that_works(places: tuple[str, ...]) -> tuple[Bubblewrap | None, str]:
    """The first bubblewrap that can do what is asked of it here, or why there is none."""
    reason = "there is no bubblewrap"
    for place in places:
        if not os.access(place, os.X_OK):
            continue
        version = re.search(r"(\d+)\.(\d+)\.(\d+)", _said([place, "--version"])[1])
        for own in (True, False) if os.geteuid() == 0 else (True,):
            bubblewrap = Bubblewrap(place, tuple(map(int, version.groups())) if version else (), own)
            arguments = _arguments(bubblewrap, (), (), (), network=False, real=not own, packages=True, scratch=SCRATCH)
            done, said = _said([place, *arguments, "--", python(), "-I", "-S", "-c", ""])
            if done:
                return bubblewrap, ""
            reason = f"{place} fails with {said.strip()[:300]!r}"
    return None, reason


def _said(argv: Sequence[str]) -> tuple[bool, str]:
    try:
        done = subprocess.run(argv, env={}, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, done.stdout + done.stderr


def _arguments(
    bubblewrap: Bubblewrap,
    readable: Sequence[Path],
    writable: Sequence[Path],
    devices: Sequence[Path],
    *,
    network: bool,
    real: bool,
    packages: bool,
    scratch: int,
) -> list[str]:
    words = "--die-with-parent --new-session --unshare-ipc --unshare-pid --unshare-uts --unshare-cgroup-try".split()
    words += ["--hostname", "sandbox", "--cap-drop", "ALL"]
    if real:
        # For the launcher inside, which gives them up with the root that they belong to.
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    words += [] if network else ["--unshare-net"]
    sized = ["--size", str(scratch)] if bubblewrap.version >= (0, 7) else []
    words += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", "/dev/shm"):  # noqa: S108  its own
        words += ["--perms", "1777", *sized, "--tmpfs", place]
    prefixes = dict.fromkeys(map(Path, (sys.base_prefix, *([sys.prefix] if packages else ()))))
    shown = [*(prefix for prefix in prefixes if not prefix.is_relative_to("/usr")), *readable]
    system = [*map(Path, SYSTEM), *(map(Path, ONLINE) if network else ())]
    # Bubblewrap makes the folders on the way for their owner alone, who is not the one that will run.
    for folder in dict.fromkeys(one for path in (*system, *shown, *writable) for one in reversed(path.parents)):
        words += ["--perms", "0755", "--dir", str(folder)] if real else []
    for path in system:
        words += ["--ro-bind-try", str(path), str(path)]
    for link in map(Path, LINKS):
        if link.is_symlink():
            words += ["--symlink", str(link.readlink()), str(link)]
        else:
            words += ["--ro-bind-try", str(link), str(link)]
    words += ["--ro-bind", launcher.__file__, "/launcher.py"]
    for path in shown:
        words += ["--ro-bind", str(path), str(path)]
    for path in writable:
        words += ["--bind", str(path), str(path)]
    for path in devices:
        words += ["--dev-bind", str(path), str(path)]
    # The kernel's settings under /proc belong to root, and root's own processes in a namespace are still root's to the
    # kernel: bubblewrap takes them for covered, and they could be written (kernel.core_pattern runs a program).
    return [*words, "--chdir", "/tmp", "--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]  # noqa: S108


def _small_files(uid: int) -> dict[str, str]:
    return {
        "/etc/passwd": f"nobody:x:{uid}:{uid}:nobody:/tmp:/usr/sbin/nologin\n",
        "/etc/group": f"nogroup:x:{uid}:\n",
        "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    }


def _control_groups(memory: int | None, processes: int) -> list[Cgroup]:
    """Those that this process may make groups under: version 2's root where it hands both controllers on, or those of
    version 1. In a container or for an ordinary user there are mostly none."""
    both = Cgroup(str(CGROUPS), "pids.max", "memory.max")
    handed_on = CGROUPS / "cgroup.subtree_control"
    if handed_on.is_file():
        able = {"pids", "memory"} <= set(handed_on.read_text().split())
        return [both] if able and os.access(CGROUPS, os.W_OK) else []
    first = (
        Cgroup(str(CGROUPS / "pids"), processes="pids.max"),
        Cgroup(str(CGROUPS / "memory"), memory="memory.limit_in_bytes"),
    )
    return [
        group
        for group in first
        if os.access(Path(group.parent, "cgroup.procs"), os.W_OK) and (group.processes or memory is not None)
    ]


def _limits_of(group: Cgroup, memory: int | None, processes: int) -> dict[str, str]:
    # The launcher, bubblewrap twice.
    said = {group.processes: str(processes + 3), group.memory: str(memory) if memory is not None else ""}
    return {file: value for file, value in said.items() if file and value}


def _real_user(bubblewrap: Bubblewrap, readable: Sequence[Path], writable: Sequence[Path]) -> int | None:
    """The user to become when we are root, if there is no need for root's rights: to the kernel root's processes stay
    root's, whatever a namespace calls them, and it counts everybody's processes but those. None where files have to be
    read that others may not."""
    if os.geteuid() != 0:
        return None
    if not bubblewrap.own:
        return secrets.choice(UIDS)
    fit = all(_others_may(path, 0o4) for path in (*readable, Path(launcher.__file__), Path(sys.base_prefix)))
    fit = fit and all(path.stat().st_mode & 0o2 for path in writable)
    return secrets.choice(UIDS) if fit and _mapped(UIDS) else None


def _others_may(path: Path, right: int) -> bool:
    """Whether it and all that is in it can be read by others; of what is too large to look through nobody knows."""
    inner = list(islice(path.rglob("*"), MOST_LOOKED_AT)) if path.is_dir() and path != Path(sys.base_prefix) else []
    for one in (path, *inner):
        try:
            mode = one.stat().st_mode
        except OSError:
            continue  # a link to nothing
        if not mode & right or (one.is_dir() and not mode & 0o1):
            return False
    return len(inner) < MOST_LOOKED_AT


def _running() -> int:
    """How many threads of our user there are."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found += len(list((folder / "task").iterdir())) if folder.stat().st_uid == os.getuid() else 0
        except OSError:
            continue  # it ended meanwhile
    return found


def _mapped(uids: range) -> bool:
    rows = (map(int, line.split()) for line in Path("/proc/self/uid_map").read_text().splitlines())
    return any(first <= uids.start and uids.stop <= first + count for first, _, count in rows)


def _words(bubblewrap: Bubblewrap, *, network: bool, filtered: bool, processes: int) -> str:
    parts = [
        f"bubblewrap {'.'.join(map(str, bubblewrap.version))}",
        "with the network" if network else "no network",
        "system calls filtered" if filtered else f"system calls NOT filtered on {platform.machine()}",
        f"at most {processes} processes" if processes else "number of processes NOT limited",
    ]
    if bubblewrap.version < (0, 7):
        parts.append("size of /tmp NOT limited")
    return ", ".join(parts)


def _unlocked_words(wall: Wall, reason: str, filtered: bool) -> str:
    how = "limits, a cleaned environment" + (" and filtered system calls" if filtered else "")
    if wall.mode == "off":
        return f"NOT ISOLATED, as configured: only {how}"
    return f"NOT ISOLATED: {reason}. The model reads this machine's files and network; only {how}. {REMEDY}"
