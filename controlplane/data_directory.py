"""The data directory: what is in it is its owner's alone, because secrets are."""

import stat
from pathlib import Path

DATABASE = "cachewright.db"
_PRIVATE = ("lock", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}.lock")


def make(directory: Path) -> None:
    """Make it, or close one that was left open to others. OSError when neither is possible.

    A directory that holds other people's things as well (it is none of ours yet, or everybody's like /tmp) keeps its
    mode; our files in it are closed all the same.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = directory.stat().st_mode
    ours = (directory / DATABASE).exists() or not any(directory.iterdir())
    if ours and mode & 0o077 and not mode & stat.S_ISVTX:
        directory.chmod(0o700)
    for name in _PRIVATE:
        path = directory / name
        if not path.exists():
            continue
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def make_database(directory: Path) -> None:
    """An empty file for the database, so that SQLite makes none that others may read; what is there stays."""
    (directory / DATABASE).touch(mode=0o600)
