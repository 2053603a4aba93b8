"""That the threads of a control plane share one heap, where the C library has a heap for each."""

import ctypes
import subprocess
import sys

import pytest

# What threads take at the same time that is too large for Python's own allocator.
PROGRAM = """
from threading import Barrier, Thread
from cachewright.controlplane.server.allocator import share_heap

share_heap()
together = Barrier(5)

def take():
    taken = [bytes(5000) for _ in range(10)]
    together.wait()
    return taken

threads = [Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
together.wait()
import ctypes
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library is not glibc")
def test_threads_share_a_heap() -> None:
    assert heaps(PROGRAM) == 1
    assert heaps(PROGRAM.replace("\nshare_heap()", "\n")) > 1


def heaps(program: str) -> int:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")
