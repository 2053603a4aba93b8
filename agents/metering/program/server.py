"""The program in the container of the metering relay: connections of clients, each led on to the node beside it."""

import asyncio
import json
import logging
import signal
import ssl
import sys
import time

from cachewright.agents.metering.program.bucket import Bucket
from cachewright.agents.metering.program.contact import KEYS, Metering
from cachewright.agents.metering.program.resp import Broken
from cachewright.agents.metering.program.session import Connection, Session

BACKLOG = 1024
PATIENCE = 5.0  # seconds that the node has to take a connection

log = logging.getLogger(__name__)


class Relay:
    """Leads connections on."""

    def __init__(self, metering: Metering) -> None:
        self._metering = metering
        self._bucket = Bucket(metering.rate, time.monotonic())
        self._outward = ssl.create_default_context(cafile=str(KEYS))

    async def open(self) -> None:
        """Take connections; OSError when that is impossible."""
        inward = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        inward.load_cert_chain(KEYS)
        # Without a host it is both families of the container's network.
        await asyncio.start_server(self._serve, None, self._metering.door, ssl=inward, backlog=BACKLOG)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            node = await self._reach()
            try:
                await Session(Connection(reader, writer), node, self._bucket, time.monotonic).run()
            finally:
                node.writer.close()
        except (OSError, Broken) as error:
            log.info("lost a connection: %r", error)  # what ran out of time says nothing
        finally:
            writer.close()

    async def _reach(self) -> Connection:
        async with asyncio.timeout(PATIENCE):
            host, port = self._metering.host, self._metering.port
            return Connection(
                *await asyncio.open_connection(host, port, ssl=self._outward, server_hostname="localhost")
            )


async def serve(metering: Metering) -> None:
    """Until SIGTERM."""
    await Relay(metering).open()
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()


def main() -> None:
    """The argument says what to do, in JSON."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(serve(Metering(**json.loads(sys.argv[1]))))
