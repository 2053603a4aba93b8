"""An application in JavaScript: ioredis from npm, in a process of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread

from tests.e2e.cluster_clients import BREATH, HURRY, Account, pythons
from tests.e2e.sharded import Sharded

IOREDIS = "ioredis@5"
SCRIPT = Path(__file__).with_name("ioredis.js")
ENDING = 15.0  # seconds to finish its last write


def installed(directory: Path, *packages: str) -> Path | None:
    """Where node finds packages, once they are there; None where there is no node, or npm cannot get them."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(directory), *packages]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return directory / "node_modules" if ended.returncode == 0 else None


def everybody(group: Sharded, modules: Path | None) -> list[AbstractContextManager[Account]]:
    """A writer for each client library that is there."""
    return pythons(group) + ([javascript(group, modules)] if modules else [])


@contextmanager
def javascript(group: Sharded, modules: Path, name: str = "ioredis") -> Iterator[Account]:
    """A client that has begun to write one key after the other; it stops at the end of the block."""
    account = Account(name)
    command = ["node", str(SCRIPT), json.dumps(_wish(group, name))]
    own = os.environ | {"NODE_PATH": str(modules)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own) as process:
        reader = Thread(target=_read, args=(process, account), name="reader of ioredis")
        reader.start()
        try:
            account.progress()
            yield account
        finally:
            assert process.stdin
            process.stdin.close()
            reader.join(ENDING)
            process.kill()


def _wish(group: Sharded, name: str) -> dict[str, object]:
    host, port = group.entrance
    options = group.options
    pace = {"breath": 1000 * BREATH, "patience": 1000 * HURRY}
    login = {"username": options.get("username"), "password": options.get("password")}
    return {"host": host, "port": port, "name": name, "authority": options.get("ssl_ca_certs"), **pace, **login}


def _read(process: subprocess.Popen[str], account: Account) -> None:
    for line in process.stdout or ():
        number, _, reason = line[1:].strip().partition(" ")
        if line.startswith("+"):
            account.acknowledged.append(int(number))
        else:
            account.failures.append(reason)
