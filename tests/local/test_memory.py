"""A process that makes pages gives back what they needed, however much it needed once."""

import subprocess
import sys

# Twenty megabytes that were free again teach the C library to keep pieces of any smaller size.
ASKED = """
import ctypes, platform, sys
from landscape.local import memory

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena o s pieces mapped u f used free keep".split()]

if sys.argv[1] == "back":
    assert memory.give_back() == (platform.libc_ver()[0] == "glibc")
mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Told
large = bytes(20 << 20)
del large
before = mallinfo().mapped
held = [bytes(200_000) for _ in range(50)]
print(mallinfo().mapped - before)
"""


def mapped(how: str) -> int:
    """Bytes of ten megabytes that have pages of their own."""
    done = subprocess.run([sys.executable, "-c", ASKED, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_large_pieces_have_pages_of_their_own_also_after_a_larger_one_was_free() -> None:
    assert mapped("back") > 9_000_000
    assert mapped("keep") < 1_000_000
