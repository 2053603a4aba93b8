"""What proves who the installation is, and what nodes are given by it: files of the data directory, made on first use
because most caches are not encrypted. Where the database may be shared, they are copies of what is in it.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cachewright.agents.administration import Administration
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.agents.engines.tls import AUTHORITY, Identity
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.store.database import Store

if TYPE_CHECKING:
    from cachewright.agents.system.certificates import Authority


AGENT, KEY = "agent.secret", "ca.key"
PRIVATE, PUBLIC = 0o600, 0o644
FILES = {AGENT: PRIVATE, KEY: PRIVATE, AUTHORITY: PUBLIC}  # the certificate is last: without it there is no authority


class Contradiction(Exception):  # noqa: N818
    """A data directory has other secrets than the database."""


@dataclass(frozen=True)
class DirectorySecrets:
    """Implements `SecretStore`. Its secrets are readable by the owner of the directory alone. What nodes are given is
    Later while the directory is full or gone.
    """

    directory: Path
    clock: Callable[[], datetime]

    @cached_property
    def credentials(self) -> Credentials:
        """See `SecretStore`."""
        secret = self.directory / AGENT
        with _later(self.directory):
            if not secret.exists():
                _write(secret, secrets.token_hex(32))
            return Credentials(secret.read_text(), self.directory / AUTHORITY)

    @cached_property
    def authority(self) -> Path:
        """The certificate that clients check every node's certificate against. OSError when it cannot be kept."""
        return self._opened.path

    def identity(self, names: Sequence[str]) -> Identity:
        """See `SecretStore`."""
        with _later(self.directory):
            authority = self._opened
        return authority.issue(names, self.clock())

    def administration(self) -> Administration:
        """See `SecretStore`."""
        from cachewright.agents.system.certificates import administrator  # noqa: PLC0415 - as below

        made = administrator(self.credentials.password, self.clock())
        return Administration(made.certificate, made.key, made.authority)

    @cached_property
    def _opened(self) -> "Authority":
        from cachewright.agents.system.certificates import opened  # noqa: PLC0415 - slow to import, rarely needed

        return opened(self.directory, self.clock())


@contextmanager
def _later(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Later(f"cannot keep secrets in the data directory {directory}: {error.strerror}") from error


def shared(found: DirectorySecrets, store: Store) -> DirectorySecrets:
    """The secrets of a directory. From now on they are those in the database: it is given them if it has none, the
    directory is given copies if it has none; Contradiction when both have some and they differ, OSError when the
    directory does not take them.
    """
    with store.write() as transaction:
        known = transaction.secrets.all()
        if not known:
            known = _made(found)
            transaction.secrets.add(known)
    for name, content in known.items():
        path = found.directory / name
        if not path.exists():
            _write(path, content, FILES[name])
        elif path.read_text() != content:
            raise Contradiction(f"{path} belongs to another installation than the database")
    return found


def _made(found: DirectorySecrets) -> dict[str, str]:
    """The files of a directory, made where there are none."""
    assert found.credentials and found.authority
    return {name: (found.directory / name).read_text() for name in FILES}


def _write(path: Path, content: str, mode: int = PRIVATE) -> None:
    """A file as a whole or not at all."""
    scratch = path.with_name(f"{path.name}.new")
    scratch.touch(mode=mode)
    scratch.write_text(content)
    scratch.replace(path)
