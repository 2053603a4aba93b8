"""One direction of a connection. Standard library only: part of the container's program."""

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from cachewright.agents.delaying.program.contact import HELD

CHUNK = 1 << 16  # bytes that are read at once
_END = b""


class Way:
    """Hands on every piece `delay` seconds after it came, in order. How much passes is limited by `held` alone: so many
    bytes in as many seconds as the delay has.
    """

    def __init__(self, reader: StreamReader, writer: StreamWriter, delay: float, held: int = HELD) -> None:
        """`held`: bytes on their way at most, but for the last piece."""
        self._reader, self._writer = reader, writer
        self._delay, self._most = delay, held
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()  # each with the moment at which it is due
        self.held = 0  # bytes on their way
        self._room = asyncio.Event()
        self._room.set()

    async def run(self) -> None:
        """Until the end of what comes was handed on as well. OSError when nobody takes it any more."""
        taking = asyncio.ensure_future(self._take())
        try:
            await self._hand_on()
        finally:
            taking.cancel()

    async def _take(self) -> None:
        """A connection that is lost ends like one that is closed: what it brought before is on its way."""
        with suppress(OSError):
            while data := await self._reader.read(CHUNK):
                self._put(data)
                await self._room.wait()
        self._put(_END)

    def _put(self, data: bytes) -> None:
        self._pieces.put_nowait((self._loop.time() + self._delay, data))
        self._count(len(data))

    async def _hand_on(self) -> None:
        while True:
            due, data = await self._pieces.get()
            await asyncio.sleep(due - self._loop.time())
            if data == _END:
                self._writer.write_eof()
                return
            self._writer.write(data)
            await self._writer.drain()
            self._count(-len(data))

    def _count(self, size: int) -> None:
        self.held += size
        if self.held < self._most:
            self._room.set()
        else:
            self._room.clear()
