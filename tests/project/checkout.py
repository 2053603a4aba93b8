"""A copy of the repository to do with as one likes."""

import shutil
from pathlib import Path

from docs.sections import ROOT

PARTS = ("agents", "cachewright", "controlplane", "pyproject.toml", "README.md", "LICENSE")
PROGRAM = "compose/entrypoint.py"  # is in the image as well


def copied(home: Path) -> Path:
    """What makes the package, links as links, in the new directory `home`."""
    home.mkdir()
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, home / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, home / name)
    return home
