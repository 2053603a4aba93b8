"""A client's connection, and the one to a node behind it. Standard library only: part of the container's program."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, cast

from cachewright.agents.directory.program.discovery import Commands, Question

QUIT = b"quit\r\n"
Target = tuple[str, int]


class House(Protocol):
    """What a session asks of the door that it came through."""

    def answer(self, question: Question) -> bytes:
        """The answer of this moment."""
        ...

    def candidates(self, preferred: Target | None) -> Sequence[Target]:
        """The nodes that live, in the order in which to try them."""
        ...

    async def reach(self, target: Target, protocol: asyncio.Protocol) -> None:
        """Connect it to a node; OSError when that is impossible."""
        ...

    def entered(self, session: "Session") -> None:
        """A client came."""
        ...

    def left(self, session: "Session") -> None:
        """A client is gone."""
        ...


class Session(asyncio.Protocol):
    """Answers questions itself and leads everything else to one node, so that answers come in the order of requests.

    A question that comes after commands for the node waits for their answers. That the last of them is there shows
    when the node, told to quit, closes the connection: this needs no understanding of what it answers. The next command
    opens another one to the same node.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._commands = Commands()
        self._waiting: deque[bytes | Question] = deque()
        self._node: _Node | None = None  # the connection to the node
        self._opening: asyncio.Task[None] | None = None
        self._over = False  # the client sends no more
        self._full = False  # the client is slow to take what it is sent
        self.target: Target | None = None  # the node that the client was led to

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.client = cast(asyncio.Transport, transport)
        self._house.entered(self)

    def data_received(self, data: bytes) -> None:
        self._waiting.extend(self._commands.feed(data))
        self._proceed()

    def eof_received(self) -> bool:
        """Who sends no more may still wait for answers."""
        self._over = True
        self._proceed()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._house.left(self)
        if self._opening:
            self._opening.cancel()
        if self._node:
            self._node.transport.abort()

    def pause_writing(self) -> None:
        self._full = True
        if self._node:
            self._node.transport.pause_reading()

    def resume_writing(self) -> None:
        self._full = False
        if self._node:
            self._node.transport.resume_reading()

    def close(self) -> None:
        """End it, as a node that goes away does."""
        self.client.close()
        if self._node:
            self._node.transport.abort()

    def release(self) -> None:
        """The node is nobody's any more: whoever is connected to it loses the connection."""
        self.target = None
        if self._node or self._opening:
            self.close()

    def hold(self, *, on: bool) -> None:
        """Let the client wait with what else it has to say, or go on."""
        if self.client.is_closing():
            return
        if on:
            self.client.pause_reading()
        else:
            self.client.resume_reading()

    def answered(self, data: bytes) -> None:
        """What the node answers."""
        self.client.write(data)

    def parted(self, *, agreed: bool) -> None:
        """The connection to the node has ended."""
        self._node = None
        if agreed:
            self._proceed()
        else:
            self.client.close()

    def _proceed(self) -> None:
        """Do what can be done now with what has come."""
        while self._waiting and self._dealt_with(self._waiting[0]):
            self._waiting.popleft()
        self.hold(on=bool(self._waiting))
        if self._over and not self._waiting:
            self._finish()

    def _finish(self) -> None:
        if self._node is None:
            self.client.close()
        elif self._node.transport.can_write_eof():
            self._node.transport.write_eof()

    def _dealt_with(self, part: bytes | Question) -> bool:
        if isinstance(part, Question):
            if self._node is None and self._opening is None:
                self.client.write(self._house.answer(part))
                return True
            if self._node:
                self._node.quit()
            return False
        if self._node is None:
            self._opening = self._opening or asyncio.get_running_loop().create_task(self._open())
            return False
        return self._node.take(part)

    async def _open(self) -> None:
        for target in self._house.candidates(self.target):
            with suppress(OSError):
                node = _Node(self)
                await self._house.reach(target, node)
                self._led(target, node)
                return
        self.client.close()

    def _led(self, target: Target, node: "_Node") -> None:
        self.target, self._node, self._opening = target, node, None
        if self._full:
            node.transport.pause_reading()
        self._proceed()


class _Node(asyncio.Protocol):
    """The connection to a node."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._quitting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._session.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.parted(agreed=self._quitting and exc is None)

    def pause_writing(self) -> None:
        self._session.hold(on=True)

    def resume_writing(self) -> None:
        self._session.hold(on=False)

    def take(self, data: bytes) -> bool:
        """Pass on what the client sent; False while the node was told to quit."""
        if not self._quitting:
            self.transport.write(data)
        return not self._quitting

    def quit(self) -> None:
        """Tell the node to close the connection once it has answered everything."""
        if not self._quitting:
            self._quitting = True
            self.transport.write(QUIT)
