"""What nodes are given, out of the data directory. Made on first use: most caches are not encrypted."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.agents.engines.tls import AUTHORITY, Identity

if TYPE_CHECKING:
    from cachewright.agents.system.certificates import Authority


@dataclass(frozen=True)
class DirectorySecrets:
    """Implements `Guard`. Its secrets are readable by the owner of the directory alone."""

    directory: Path
    clock: Callable[[], datetime]

    @cached_property
    def credentials(self) -> Credentials:
        """See Guard."""
        secret = self.directory / "agent.secret"
        if not secret.exists():
            scratch = secret.with_suffix(".new")
            scratch.touch(mode=0o600)
            scratch.write_text(secrets.token_hex(32))
            scratch.replace(secret)  # a half-written one is none
        return Credentials(secret.read_text(), self.directory / AUTHORITY)

    @cached_property
    def authority(self) -> Path:
        """The certificate that clients check every node's certificate against."""
        return self._opened.path

    def identity(self, names: Sequence[str]) -> Identity:
        """See Guard."""
        return self._opened.issue(names, self.clock())

    @cached_property
    def _opened(self) -> "Authority":
        from cachewright.agents.system.certificates import opened  # noqa: PLC0415 - slow to import, rarely needed

        return opened(self.directory, self.clock())
