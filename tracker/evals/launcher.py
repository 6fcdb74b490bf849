"""How a process walks into its sandbox: run by its path as `python -I -S launcher.py`, with nothing of ours beside it.

Twice: outside, where it takes the plan that `isolation.command` left in a file, sets the alarm that nothing inside can
turn off, and becomes bubblewrap; and inside, where it takes its limits and becomes the program. Whatever fails here
fails before the program has begun, with status 125. It imports next to nothing: all that it does is added to each run.
"""

# Each import is paid by every run, and that of pathlib is a third of a start.
# ruff: noqa: PTH102, PTH106, PTH108, PTH123, PTH208
from __future__ import annotations

import marshal
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

FAILED = 125
OURS = "ai-landscape-"


def join_cgroups(plans: list[tuple[str, dict[str, str]]]) -> None:
    """Into a group of its own under each parent, with its limits written first; empty groups of earlier runs go."""
    for parent, limits in plans:
        for name in os.listdir(parent):
            if name.startswith(OURS):
                try:
                    os.rmdir(f"{parent}/{name}")
                except OSError:
                    continue  # somebody still runs in it
        group = f"{parent}/{OURS}{os.getpid()}"
        os.mkdir(group)
        for file, value in {**limits, "cgroup.procs": "0"}.items():
            descriptor = os.open(f"{group}/{file}", os.O_WRONLY)
            os.write(descriptor, value.encode())
            os.close(descriptor)


def memory_file(content: bytes) -> int:
    """A file without a place, for a program that is handed descriptors."""
    descriptor = os.memfd_create("sandbox", 0)
    while content:
        content = content[os.write(descriptor, content) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def install(program: bytes) -> None:
    """The filter, where there is no bubblewrap to do it."""
    import ctypes

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    library = ctypes.CDLL(None, use_errno=True)
    held = Program(len(program) // 8, program)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if library.prctl(no_new_privileges, 1, 0, 0, 0) or library.prctl(set_seccomp, filter_mode, ctypes.byref(held)):
        raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")


def limit(limits: dict[str, int]) -> None:
    """Set soft and hard limits, by their names without RLIMIT_ and in the kernel's units; none is ever raised."""
    for name, most in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(which)
        # Nobody but root may raise a limit that was there before.
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def outside(plan: dict[str, Any]) -> NoReturn:
    """Become bubblewrap, or without it the program itself under its limits and its filter. Raises OSError; else never
    returns."""
    os.setsid()  # so that the whole group can be killed at once
    join_cgroups(plan["cgroups"])
    if plan["seconds"] is not None:
        import signal

        # Kept across exec. In the sandbox nobody sees the process that it will hit, whose death is that of all inside.
        signal.setitimer(signal.ITIMER_REAL, plan["seconds"])
    if not plan["bwrap"]:
        limit(plan["limits"])
        if plan["filter"]:
            install(plan["filter"])
        os.chdir(plan["directory"])
        os.execve(plan["argv"][0], plan["argv"], plan["environment"])  # noqa: S606  no shell is wanted
    words = ["--clearenv"]
    for name, value in plan["environment"].items():
        words += ["--setenv", name, value]
    words += ["--perms", "0755", "--dir", "/etc"]
    for name, content in plan["files"].items():
        words += ["--perms", "0644", "--ro-bind-data", str(memory_file(content.encode())), name]
    if plan["filter"]:
        words += ["--seccomp", str(memory_file(plan["filter"]))]
    # Through a descriptor: command lines can be read by everybody on the machine. And with an empty environment: the
    # one that bubblewrap was started with would be there to read in the sandbox, whatever it clears for its child.
    arguments = memory_file(b"".join(word.encode() + b"\0" for word in [*words, *plan["arguments"]]))
    os.execve(plan["bwrap"], [plan["bwrap"], "--args", str(arguments), "--", *plan["inner"]], {})  # noqa: S606


def inside(uid: int, limits: dict[str, int], argv: list[str]) -> None:
    """Give up root for that user (0: there is none to give up), take limits and become the program. Returns only when
    the program was a script for this very Python, after its end."""
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    limit(limits)
    if argv[:3] != [sys.executable, "-I", "-S"] or argv[3].startswith("-"):
        os.execv(argv[0], argv)  # noqa: S606  no shell is wanted
    # That is what is running already, and another start would be a third of what a short run takes.
    sys.argv = argv[3:]
    with open(argv[3], "rb") as script:
        program = compile(script.read(), argv[3], "exec", dont_inherit=True)
    exec(program, {"__name__": "__main__", "__file__": argv[3]})  # noqa: S102  a script of ours


def main() -> None:
    """Either half, by the first argument. What cannot be done is said on the error stream, with the status FAILED."""
    try:
        if sys.argv[1] == "inside":
            _, _, uid, limits, *argv = sys.argv
            pairs = (pair.split("=") for pair in limits.split(","))
            inside(int(uid), {name: int(most) for name, most in pairs}, argv)
            return
        descriptor = os.open(sys.argv[2], os.O_RDONLY)
        os.unlink(sys.argv[2])
        # Written by `isolation.command` a moment ago, into a file that is nobody else's to write.
        plan = marshal.loads(os.read(descriptor, 1 << 24))  # noqa: S302
        os.close(descriptor)
        outside(plan)
    except OSError as error:
        sys.stderr.write(f"The sandbox could not be entered: {error}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
