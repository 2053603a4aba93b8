"""One client's connection, and the one to the node that it leads to. Standard library only: part of the container's
program.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from cachewright.agents.metering.program.bucket import Bucket
from cachewright.agents.metering.program.ecpu import ecpus
from cachewright.agents.metering.program.resp import Broken, Replies, Request, Requests

CHUNK = 1 << 16  # bytes that are read at once
THROTTLED = b"-ERR Request throttled: the maximum of ECPUs per second is reached\r\n"
MALFORMED = b"-ERR Protocol error\r\n"

# What the node is asked in place of a request that is refused. It knows no such command, so that a transaction ends as
# the protocol has it, and its reply, which becomes the refusal, keeps the place of the refused one's.
INSTEAD = b"*1\r\n$9\r\nTHROTTLED\r\n"

# After these the node says what nobody asked for, or nothing: replies cannot be told apart any more.
_STREAMS = frozenset((b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE", b"MONITOR", b"SYNC", b"PSYNC"))


@dataclass(frozen=True, slots=True)
class Connection:
    """Both directions of one."""

    reader: StreamReader
    writer: StreamWriter


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose reply is still to come."""

    request: Request
    refused: bool


class Session:
    """Hands on requests and replies as they are, and counts them."""

    def __init__(self, client: Connection, node: Connection, bucket: Bucket, clock: Callable[[], float]) -> None:
        self._client, self._node = client, node
        self._bucket, self._clock = bucket, clock
        self._asked: deque[Asked] = deque()
        self._answered = asyncio.Event()  # every request was
        self._answered.set()
        self._streams = False

    async def run(self) -> None:
        """Until one of the two ends. OSError when a connection was lost; Broken for what is no reply."""
        ways = [asyncio.ensure_future(self._requests()), asyncio.ensure_future(self._replies())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for found in await asyncio.gather(*ways, return_exceptions=True):
            if isinstance(found, Exception):  # a way that was cancelled has none
                raise found

    async def _requests(self) -> None:
        requests = Requests()
        while data := await self._client.reader.read(CHUNK):
            try:
                for request in requests.feed(data):
                    await self._ask(request)
            except Broken:
                self._client.writer.write(MALFORMED)
                return
            await self._node.writer.drain()

    async def _ask(self, request: Request) -> None:
        if self._streams:
            self._node.writer.write(request.raw)
            return
        if streams(request):
            await self._answered.wait()
            self._streams = True
            self._node.writer.write(request.raw)
            return
        refused = bool(ecpus(request.name, request.words, 0)) and not self._bucket.admits(self._clock())
        self._asked.append(Asked(request, refused))
        self._answered.clear()
        self._node.writer.write(INSTEAD if refused else request.raw)

    async def _replies(self) -> None:
        replies, size = Replies(), 0
        while data := await self._node.reader.read(CHUNK):
            if self._streams:
                self._client.writer.write(data)
            else:
                for piece in replies.feed(data):
                    size += len(piece.data)
                    self._hand_on(piece.data, push=piece.push)
                    if piece.ends:
                        size = self._count(size, push=piece.push)
            await self._client.writer.drain()

    def _hand_on(self, data: bytes, *, push: bool) -> None:
        if push or not self._asked or not self._asked[0].refused:
            self._client.writer.write(data)

    def _count(self, size: int, *, push: bool) -> int:
        """A reply has ended that had so many bytes: the size of the next one, which has none yet."""
        if push or not self._asked:
            return 0
        asked = self._asked.popleft()
        if asked.refused:
            self._client.writer.write(THROTTLED)
        else:
            request = asked.request
            self._bucket.take(ecpus(request.name, request.words, len(request.raw) + size), self._clock())
        if not self._asked:
            self._answered.set()
        return 0


def streams(request: Request) -> bool:
    """Whether replies cannot be told apart after a request."""
    silenced = (request.name, request.option) == (b"CLIENT", b"REPLY") and b"ON" not in request.raw.upper().split()
    return silenced or request.name in _STREAMS
