"""What the kernel says of a container's process, from a tree of files as it shows them."""

import os
from pathlib import Path

import pytest

from cachewright.agents.runtime.processes import Ran, cpu_time, usage
from cachewright.agents.runtime.usages import remote

CONTAINER = "3f" * 32


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A process of two threads."""
    for thread, line in (("7", "1500 20 3\n"), ("8", "250 10 1\n")):
        (tmp_path / "7/task" / thread).mkdir(parents=True)
        (tmp_path / "7/task" / thread / "schedstat").write_text(line)
    (tmp_path / "7/cgroup").write_text(f"0::/system.slice/docker-{CONTAINER}.scope\n")
    return tmp_path


def test_all_its_threads_have_worked(proc: Path) -> None:
    assert cpu_time(7, CONTAINER, proc) == 1750


def test_a_process_of_somebody_else_says_nothing(proc: Path) -> None:
    assert cpu_time(7, "ab" * 32, proc) is None


def test_nor_does_one_that_is_not_there(proc: Path) -> None:
    assert cpu_time(9, CONTAINER, proc) is None


def test_nor_does_a_kernel_that_counts_otherwise(proc: Path) -> None:
    for file in proc.glob("7/task/*/schedstat"):
        file.write_text("\n")
    assert cpu_time(7, CONTAINER, proc) is None


STAT = "7 (valkey (old) 1) S 1 7 7 0 -1 4194560 900 20 3 2 150 50 30 20 20 0 5 0 100 31535104 6354 18446744073709551615"
NETWORK = """Inter-|   Receive                                          |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo:  500   5 0 0 0 0 0 0  500  5 0 0 0 0 0 0
  eth0:11134 158 0 0 0 0 0 0 5977 83 0 0 0 0 0 0
  eth1:    6   2 0 0 0 0 0 0   23  7 0 0 0 0 0 0
"""
RAN = Ran(7, CONTAINER, 1 << 20)


@pytest.fixture
def seen(proc: Path) -> Path:
    """The same process with everything that is looked at."""
    (proc / "7/stat").write_text(STAT)
    (proc / "7/status").write_text("Name:\tvalkey\nVmRSS:\t  100 kB\nRssAnon:\t 60 kB\nVmSwap:\t   3 kB\n")
    (proc / "7/net").mkdir()
    (proc / "7/net/dev").write_text(NETWORK)
    return proc


def test_what_a_process_takes(seen: Path) -> None:
    found = usage(RAN, 2, 30.0, seen)
    assert found
    ticks = os.sysconf("SC_CLK_TCK")
    assert (found.cpu_seconds, found.processor_seconds) == (250 / ticks, 60.0)
    assert (found.memory, found.memory_limit, found.swap, found.major_faults) == (102400, 1 << 20, 3072, 5)
    assert (found.bytes_in, found.packets_in, found.bytes_out, found.packets_out) == (11140, 160, 6000, 90)


@pytest.mark.parametrize("file", ["cgroup", "stat", "status", "net/dev"])
def test_a_process_that_ends_while_it_is_looked_at_takes_nothing(seen: Path, file: str) -> None:
    (seen / "7" / file).unlink()
    assert usage(RAN, 2, 30.0, seen) is None


def test_a_number_that_is_somebody_elses_by_now_takes_nothing(seen: Path) -> None:
    assert usage(Ran(7, "ab" * 32, 1), 2, 30.0, seen) is None


def test_a_process_that_has_no_memory_any_more_takes_nothing(seen: Path) -> None:
    (seen / "7/status").write_text("Name:\tvalkey\nState:\tZ (zombie)\n")
    assert usage(RAN, 2, 30.0, seen) is None


def test_what_docker_tells_of_a_container_elsewhere() -> None:
    stats = {
        "cpu_stats": {"cpu_usage": {"total_usage": 3_000_000_000}, "online_cpus": 4},
        "memory_stats": {"usage": 5000, "stats": {"inactive_file": 1000, "pgmajfault": 2}},
        "networks": {
            "eth0": {"rx_bytes": 1, "tx_bytes": 2, "rx_packets": 3, "tx_packets": 4},
            "eth1": {"rx_bytes": 10, "tx_bytes": 20, "rx_packets": 30, "tx_packets": 40},
        },
    }
    found = remote(stats, 9000, 10.0)
    assert (found.cpu_seconds, found.processor_seconds, found.memory, found.memory_limit) == (3, 40, 4000, 9000)
    assert (found.bytes_in, found.bytes_out, found.packets_in, found.packets_out) == (11, 22, 33, 44)
