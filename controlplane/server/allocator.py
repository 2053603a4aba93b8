"""How the C library's allocator behaves in a process of many threads, of which one at a time has Python's lock."""

import ctypes

# Parameters of glibc's mallopt, see malloc.h.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
_LARGE = 128 * 1024  # bytes


def share_heap() -> None:
    """Threads that begin from now on share the first one's heap: none waits for another there, and each would keep one
    of its own that is as large as what it once needed. What is large goes back to the system, however large it was
    that came before. Other C libraries have nothing of this.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, _LARGE)
