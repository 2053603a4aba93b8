"""The data directory: what is in it is its owner's alone, because secrets are."""

import stat
from datetime import datetime
from hashlib import sha256
from pathlib import Path

DATABASE, INSTANCE, LOCK = "cachewright.db", "instance", "lock"
LOG, LOG_BEFORE = "up.log", "up.log.1"  # of `up --detach`, and of the one before
_KEYS = ("access-key", "metrics-token")
_PRIVATE = (
    LOCK,
    "doctor.lock",
    LOG,
    LOG_BEFORE,
    *_KEYS,
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    f"{DATABASE}.lock",
)


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


def set_aside(directory: Path, moment: datetime) -> Path:
    """Keep the database under another name, with what belongs to it; where it is then. OSError when it cannot be."""
    kept = directory / f"{DATABASE}.damaged-{moment:%Y%m%dT%H%M%S}"
    while kept.exists():
        kept = kept.with_name(f"{kept.name}x")
    for rest in ("-wal", "-shm", ""):  # the database last: until then it is found damaged once more
        part = directory / f"{DATABASE}{rest}"
        if part.exists():
            part.rename(kept.with_name(f"{kept.name}{rest}"))
    return kept


def instance(directory: Path, url: str) -> str:
    """The name of the installation whose database is the directory's own, or at a URL; empty when it is not kept, or
    not to be read any more.
    """
    path = _name(directory, url)
    name = path.read_text(errors="replace").strip() if path.exists() else ""
    return name if name.isascii() and name.isalnum() else ""


def probing(directory: Path) -> str:
    """The name of what `cachewright doctor` runs for a moment: always the same, so that leftovers are found."""
    return f"doctor-{sha256(str(directory.resolve()).encode()).hexdigest()[:12]}"


def probing_lock(directory: Path) -> Path:
    """The file that `cachewright doctor` has locked as long as that runs: whatever runs without it is a leftover."""
    return directory / "doctor.lock"


def keep_instance(directory: Path, url: str, name: str) -> None:
    """Keep that name beside the database, which may get lost. OSError when it cannot be written."""
    path = _name(directory, url)
    scratch = path.with_name(f"{path.name}.new")
    scratch.touch(mode=0o600)
    scratch.write_text(f"{name}\n")
    scratch.replace(path)


def _name(directory: Path, url: str) -> Path:
    """A file for each database: two of them are two installations."""
    return directory / (f"{INSTANCE}-{sha256(url.encode()).hexdigest()[:12]}" if url else INSTANCE)


def make_database(directory: Path) -> None:
    """An empty file for the database, so that SQLite makes none that others may read; what is there stays."""
    (directory / DATABASE).touch(mode=0o600)
