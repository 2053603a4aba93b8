"""The pytest plugin is imported by every pytest of an environment that has Cachewright: it may cost nothing."""

import subprocess
import sys

LOADED = """
import sys, pytest
before = set(sys.modules)
import cachewright.pytest_plugin
print(sorted(set(sys.modules) - before))
"""


def test_it_imports_nothing_but_itself() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "['cachewright', 'cachewright.pytest_plugin']\n"
