"""What the kernel says of a container's process, from a tree of files as it shows them."""

from pathlib import Path

import pytest

from cachewright.agents.runtime.processes import cpu_time

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
