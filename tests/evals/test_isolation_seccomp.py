"""The filter of system calls, run by an interpreter of our own and by the kernel."""

import errno
import json
import platform
import struct
import subprocess

import pytest

from tracker.evals import isolation, seccomp
from tracker.evals.isolation import Wall

ALLOW, KILL, REFUSE = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
ARCHITECTURE = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}


def answer(program, machine, number, argument=0):
    """What the filter says of a call, stepped through as the kernel documents it."""
    data = struct.pack("=IIQ6Q", number, machine, 0, argument, 0, 0, 0, 0, 0)
    held, at = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("=HBBI", program, at * 8)
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif code == 0x15:
            at += yes if held == value else no
        elif code == 0x35:
            at += yes if held >= value else no
        elif code == 0x45:
            at += yes if held & value else no
        else:
            raise AssertionError(f"an unknown step {code:#x}")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_each_named_call_is_refused_and_its_neighbours_are_not(machine):
    program = seccomp.program(machine)
    refused = dict.fromkeys((seccomp.DENIED[machine] | seccomp.DENIED_EVERYWHERE).values(), errno.EPERM)
    refused |= dict.fromkeys(seccomp.UNKNOWN.values(), errno.ENOSYS)
    special = {seccomp.CLONE[machine], seccomp.SOCKET[machine]}
    for number in range(480):
        if number not in special:
            said = answer(program, ARCHITECTURE[machine], number)
            assert said == (REFUSE | refused[number] if number in refused else ALLOW), number


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_calls_under_another_architectures_numbers_kill(machine):
    program = seccomp.program(machine)
    other = {"x86_64": 0x4000_0003, "aarch64": 0x4000_0028}[machine]  # its 32-bit brother
    assert answer(program, other, 0) == KILL
    if machine == "x86_64":
        assert answer(program, ARCHITECTURE[machine], 0x4000_0000 | 101) == KILL


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(("flag", "allowed"), [(0x11, True), (0x3D0F00, True), (0x1000_0000, False), (0x2_0011, False)])
def test_children_and_threads_may_be_made_and_namespaces_may_not(machine, flag, allowed):
    said = answer(seccomp.program(machine), ARCHITECTURE[machine], seccomp.CLONE[machine], flag)
    assert said == (ALLOW if allowed else REFUSE | errno.EPERM)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("family", range(46))
def test_only_ordinary_sockets_can_be_made(machine, family):
    said = answer(seccomp.program(machine), ARCHITECTURE[machine], seccomp.SOCKET[machine], family)
    assert said == (ALLOW if family in (1, 2, 10, 16) else REFUSE | errno.EAFNOSUPPORT)
    none = answer(seccomp.program(machine, sockets=False), ARCHITECTURE[machine], seccomp.SOCKET[machine], family)
    assert none == REFUSE | errno.EPERM


def test_a_machine_whose_numbers_are_not_known_has_no_filter_and_says_so():
    assert seccomp.program("riscv64") is None
    words = isolation._words(isolation.Bubblewrap("", (0, 8, 0), True), network=False, filtered=False, processes=1)
    assert "system calls NOT filtered" in words


@pytest.mark.skipif(platform.machine() not in seccomp.DENIED, reason="this machine's calls are not known to us")
@pytest.mark.parametrize("bwrap", [isolation.BUBBLEWRAP, ("/nowhere/bwrap",)], ids=["bubblewrap", "alone"])
def test_the_kernel_takes_it_with_and_without_bubblewrap(bwrap):
    if bwrap == isolation.BUBBLEWRAP and isolation._first_that_works(bwrap)[0] is None:
        pytest.skip("bubblewrap does not work here")
    script = """
import ctypes, json, socket
library = ctypes.CDLL(None, use_errno=True)
library.ptrace(0, 0, 0, 0)
traced = ctypes.get_errno()
library.unshare(0x10000000)
unshared = ctypes.get_errno()
try:
    socket.socket(17, socket.SOCK_RAW)
except OSError as error:
    family = error.errno
socket.socket(socket.AF_INET).close()
print(json.dumps([traced, unshared, family]))
"""
    argv, _ = isolation.command(
        [isolation.python(), "-I", "-S", "-c", script],
        wall=Wall("warn", bwrap=bwrap),
        readable=(),
        memory=None,
        processes=8,
        seconds=20,
        environment={},
    )
    done = subprocess.run(argv, capture_output=True, timeout=30, check=False)
    assert json.loads(done.stdout) == [errno.EPERM, errno.EPERM, errno.EAFNOSUPPORT]
