"""Whom a cache follows as a whole: its primary is a replica of somebody outside of it, and clients write nothing there.

Source: the ElastiCache user guide, "Online migration for Valkey or Redis OSS" and "Global datastores".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upstream:
    """Somebody of the user's, by address, or another replication group of the same account, by name. The latter may
    have another primary at any time, and is reached as its own replicas reach it.
    """

    host: str = ""  # of the user's, as the cache's nodes reach it; empty: it is a replication group
    port: int = 0
    group: str = ""  # the id of that replication group
    region: str = ""  # in which it is
    secret: str = ""  # the ARN of the secret with which the user's is entered; empty: anybody is let in
    encrypted: bool = False  # whether the user's is reached with TLS
    certificate: str = ""  # PEM: of who has signed the user's; empty: whoever the agent's machine trusts

    @property
    def guarded(self) -> bool:
        """Whether it is reached otherwise than plainly, and without a login."""
        return self.encrypted or bool(self.secret)

    @property
    def migrates(self) -> bool:
        """Whether it is a source of the user's, whose data are brought here, and that is left one day."""
        return not self.group

    def __str__(self) -> str:
        return f"replication group {self.group} in {self.region}" if self.group else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration into a serverless cache, from PrepareMigration to CompleteMigration. While data come in, the source
    is the upstream of the cache as well.
    """

    source: Upstream
    automatic: bool = False  # it is completed as soon as everything is there
    stopped: bool = False  # StopMigration has ended the synchronisation; StartMigration begins it anew
