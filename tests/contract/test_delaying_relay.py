"""The relay between regions, on real connections: everything arrives, later, and nothing else changes."""

import asyncio
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET, socketpair

import pytest

from cachewright.agents.delaying.program.contact import Delaying
from cachewright.agents.delaying.program.server import Relay
from cachewright.agents.delaying.program.way import CHUNK, Way

HERE = "127.0.0.1"
DELAY = 0.1  # seconds
PIECES = 50
LIMIT = 30.0  # seconds for a test

Serving = Callable[[StreamReader, StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class End:
    """A client's end of a connection by a relay."""

    reader: StreamReader
    writer: StreamWriter

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


@asynccontextmanager
async def relayed(serving: Serving, delay: float = DELAY) -> AsyncIterator[End]:
    """A connection by a relay to somebody who serves it."""
    far = await asyncio.start_server(serving, HERE, 0)
    async with far, await Relay(Delaying([HERE], 0, HERE, port_of(far), delay)).open() as near:
        reader, writer = await asyncio.open_connection(HERE, port_of(near))
        try:
            yield End(reader, writer)
        finally:
            writer.close()


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


def run(deed: Callable[[], Awaitable[None]]) -> None:
    """Do it, and wait until all connections have ended that it left."""

    async def limited() -> None:
        async with asyncio.timeout(LIMIT):
            await deed()
            while left := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(left)
            await asyncio.sleep(0)  # who closed a connection last is called back

    asyncio.run(limited())


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
    writer.close()


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("delay", [0.0, 0.02, DELAY])
def test_both_directions_are_late_by_the_whole_delay(delay: float) -> None:
    async def deed() -> None:
        async with relayed(echo, delay) as end:
            begun = now()
            await end.says(b"ping")
            assert await end.reader.readexactly(4) == b"ping"
            assert now() - begun >= 2 * delay

    run(deed)


def test_pieces_keep_their_order_and_wait_for_the_delay_alone_not_for_each_other() -> None:
    said = [bytes([number]) * (1 + number * 97) for number in range(PIECES)]

    async def deed() -> None:
        near, far = socketpair()
        (_, onward), (reader, writer) = [await asyncio.open_connection(sock=end) for end in (near, far)]
        source = StreamReader()
        running = asyncio.ensure_future(Way(source, onward, DELAY).run())
        begun = now()
        for piece in said:
            source.feed_data(piece)
            for _ in range(3):
                await asyncio.sleep(0)  # it is taken before the next one comes
        source.feed_eof()
        assert await reader.read() == b"".join(said)
        assert now() - begun < PIECES * DELAY
        await running
        for stream in (onward, writer):
            stream.close()

    run(deed)


def test_the_end_comes_after_all_that_was_said() -> None:
    heard = bytearray()

    async def listen(reader: StreamReader, writer: StreamWriter) -> None:
        heard.extend(await reader.read())
        writer.write(b"farewell")
        writer.close()

    async def deed() -> None:
        async with relayed(listen) as end:
            await end.says(b"last words")
            end.writer.write_eof()
            assert await end.reader.read() == b"farewell"

    run(deed)
    assert heard == b"last words"


def test_what_was_said_before_a_connection_was_lost_arrives() -> None:
    async def fall(_reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"last words")
        await writer.drain()
        abrupt = struct.pack("ii", 1, 0)  # seconds that the kernel goes on after the end: it resets the connection
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, abrupt)
        writer.transport.abort()

    async def deed() -> None:
        async with relayed(fall) as end:
            assert await end.reader.read() == b"last words"

    run(deed)


def test_where_nobody_listens_a_connection_ends() -> None:
    async def deed() -> None:
        nobody = await asyncio.start_server(echo, HERE, 0)
        port = port_of(nobody)
        nobody.close()
        async with await Relay(Delaying([HERE], 0, HERE, port, DELAY)).open() as near:
            reader, writer = await asyncio.open_connection(HERE, port_of(near))
            assert await reader.read() == b""
            writer.close()

    run(deed)


def test_who_says_more_than_may_be_on_its_way_has_to_wait() -> None:
    most = 4 * CHUNK

    async def deed() -> None:
        (ours, theirs), (near, far) = socketpair(), socketpair()
        reader, writer = await asyncio.open_connection(sock=theirs)
        _, onward = await asyncio.open_connection(sock=near)
        ours.settimeout(0)
        way = Way(reader, onward, delay=LIMIT * 2, held=most)
        running = asyncio.ensure_future(way.run())
        saying = asyncio.ensure_future(asyncio.get_running_loop().sock_sendall(ours, bytes(100 * most)))
        while way.held < most:
            await asyncio.sleep(0)
        for _ in range(1000):
            await asyncio.sleep(0)
            assert way.held < most + CHUNK
        assert not saying.done()
        for task in (saying, running):
            task.cancel()
        await asyncio.gather(saying, running, return_exceptions=True)
        for stream in (writer, onward):
            stream.close()
        for socket in (ours, far):
            socket.close()

    run(deed)
