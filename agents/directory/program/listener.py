"""The port of one Memcached cluster. Standard library only: part of the container's program."""

import asyncio
import ssl
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from cachewright.agents.directory.program.discovery import Question, answer
from cachewright.agents.directory.program.listing import Listing
from cachewright.agents.directory.program.session import Session, Target

PATIENCE = 1.0  # seconds that a node has to take a connection
BACKLOG = 1024


class Listener:
    """Implements `House` for the sessions of one cluster."""

    def __init__(self, listing: Listing, keys: Path) -> None:
        """`keys` holds the certificate, its key and the authority of an encrypted cluster; others need none."""
        self._keys = keys
        self._turns = count()
        self._sessions: set[Session] = set()
        self._server: asyncio.Server | None = None
        self._outward: ssl.SSLContext | None = None
        self._show(listing)

    async def open(self, port: int) -> None:
        """Take connections; OSError when that is impossible."""
        inward = None
        if self.listing.encrypted:
            inward = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            inward.load_cert_chain(self._keys)
            self._outward = ssl.create_default_context(cafile=str(self._keys))
        loop = asyncio.get_running_loop()
        # Without a host it is both families of the container's own network.
        self._server = await loop.create_server(lambda: Session(self), None, port, ssl=inward, backlog=BACKLOG)

    def show(self, listing: Listing) -> None:
        """From now on answer with this; whoever is led to a node that is no target any more loses the connection."""
        self._show(listing)
        for session in [session for session in self._sessions if session.target not in (None, *listing.targets)]:
            session.release()

    def close(self) -> None:
        """The cluster is no more."""
        if self._server:
            self._server.close()
        for session in list(self._sessions):
            session.close()

    def answer(self, question: Question) -> bytes:
        """See House."""
        return self._answers[question]

    def candidates(self, preferred: Target | None) -> Sequence[Target]:
        """See House. Each client in turn begins with another node."""
        targets = self.listing.targets
        first = targets.index(preferred) if preferred in targets else next(self._turns) % max(1, len(targets))
        return (*targets[first:], *targets[:first])

    async def reach(self, target: Target, protocol: asyncio.Protocol) -> None:
        """See House."""
        host, port = target
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().create_connection(lambda: protocol, host, port, ssl=self._outward)

    def entered(self, session: Session) -> None:
        """See House."""
        self._sessions.add(session)

    def left(self, session: Session) -> None:
        """See House."""
        self._sessions.discard(session)

    def _show(self, listing: Listing) -> None:
        self.listing = listing
        self._answers = {question: answer(question, listing) for question in Question}
