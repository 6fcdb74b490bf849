"""How a process that makes pages gives memory back: what a page needed for a moment stays with it otherwise."""

import ctypes

# As GNU's C library numbers them in malloc.h.
MMAP_THRESHOLD, ARENA_MAX = -3, -8
# From this size on a piece has pages of its own, which go back as soon as it is free. The library would raise the
# size to that of the largest piece it has seen, and keep all below it in heaps full of holes.
LARGE = 128 * 1024


def give_back() -> bool:
    """Let large pieces go at once, and all threads share one heap: they wait for Python's lock anyway. False where
    another C library is in charge, which does as it likes."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGE)) and bool(mallopt(ARENA_MAX, 1))
