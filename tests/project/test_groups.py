"""Tests of a group share a process: pytest-xdist finds the group only in versions of pytest that it knows."""

import subprocess
import sys
from pathlib import Path

GROUP = """
import os
import pytest

@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    open("processes", "a").write(f"{os.getpid()}\\n")
"""


def test_a_group_stays_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "test_group.py").write_text(GROUP)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadgroup"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    processes = (tmp_path / "processes").read_text().split()
    assert (len(processes), len(set(processes))) == (4, 1)
