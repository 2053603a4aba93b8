"""Cachewright in a container: not as root where the group of Docker's socket may write to it.

It begins as root to see whose the socket is, gives the data directory to a user of its own, and becomes that user, with
the socket's group besides. Where only the socket's owner may write, it stays root. One that was started as another user
(`user:` in a compose file) stays who it is.
"""

import os
import stat
import sys
from pathlib import Path

USER = 10001  # and group; nobody's on the host
SOCKET = Path("/var/run/docker.sock")


def group(socket: Path) -> int | None:
    """The group that may write to a socket; None when there is none, and when only its owner may."""
    try:
        found = socket.stat()
    except FileNotFoundError:
        return None
    return found.st_gid if found.st_mode & stat.S_IWGRP else None


def become(user: int, also: int, home: Path) -> None:
    """Give up root for a user, who is in the group `also` as well and owns everything below `home`."""
    home.mkdir(parents=True, exist_ok=True)
    for path in (home, *home.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
    os.setgroups([also])
    os.setgid(user)
    os.setuid(user)
    os.environ["HOME"] = str(home)


def main() -> None:
    """Run `cachewright` with the words given."""
    found = group(SOCKET)
    if os.getuid() == 0 and found is not None:
        become(USER, found, Path(os.environ["CACHEWRIGHT_DATA_DIR"]))
    os.execvp("cachewright", ["cachewright", *sys.argv[1:]])  # noqa: S606, S607 - wherever pip has put it


if __name__ == "__main__":
    main()
