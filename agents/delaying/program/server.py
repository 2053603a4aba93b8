"""The program in the container of the delaying relay: each connection is led on, and what both ends say comes later."""

import asyncio
import json
import logging
import signal
import sys

from cachewright.agents.delaying.program.contact import Delaying
from cachewright.agents.delaying.program.way import Way

PATIENCE = 5.0  # seconds that whoever it leads to has to take a connection

log = logging.getLogger(__name__)


class Relay:
    """Leads connections on."""

    def __init__(self, delaying: Delaying) -> None:
        self._delaying = delaying

    async def open(self) -> asyncio.Server:
        """Take connections; OSError when that is impossible."""
        return await asyncio.start_server(self._serve, self._delaying.hosts, self._delaying.door)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        delaying = self._delaying
        try:
            async with asyncio.timeout(PATIENCE):
                far_reader, far_writer = await asyncio.open_connection(delaying.host, delaying.port)
            try:
                there, back = Way(reader, far_writer, delaying.delay), Way(far_reader, writer, delaying.delay)
                await both(there, back, delaying.delay + PATIENCE)
            finally:
                far_writer.close()
        except OSError as error:
            log.info("lost a connection: %r", error)  # what ran out of time says nothing
        finally:
            writer.close()


async def both(there: Way, back: Way, grace: float) -> None:
    """Until both directions have ended: one that goes on when the other has ended is given so many seconds. OSError
    when nobody takes what comes.
    """
    ways = [asyncio.ensure_future(way.run()) for way in (there, back)]
    try:
        ended, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ended:
            way.result()
        if others:
            ended, _ = await asyncio.wait(others, timeout=grace)
        for way in ended:
            way.result()
    finally:
        for way in ways:
            way.cancel()


async def serve(delaying: Delaying) -> None:
    """Until SIGTERM."""
    server = await Relay(delaying).open()
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with server:
        await over.wait()


def main() -> None:
    """The argument says what to do, in JSON."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(serve(Delaying(**json.loads(sys.argv[1]))))
