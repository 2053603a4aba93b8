"""Answers DNS questions over UDP and TCP. Standard library and dnslib only: part of the container's program."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

from cachewright.agents.directory.program.dns import answer

PATIENCE = 10.0  # seconds that a client has for its next question over TCP

log = logging.getLogger(__name__)
Known = Callable[[], tuple[Mapping[str, str], str]]  # addresses by host name, and the suffix of them all


class Datagrams(asyncio.DatagramProtocol):
    """Each datagram a question, each answer a datagram."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if said := answer(data, *self._known()):
            self._transport.sendto(said, addr)


async def respond(known: Known, port: int) -> None:
    """Listen. A port that is not to be had is told; discovery does without."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            while True:
                async with asyncio.timeout(PATIENCE):
                    query = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
                said = answer(query, *known())
                writer.write(len(said).to_bytes(2) + said)
                await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    everywhere = "0.0.0.0"  # noqa: S104 - the container's own network
    try:
        await loop.create_datagram_endpoint(lambda: Datagrams(known), local_addr=(everywhere, port))
        await asyncio.start_server(serve, everywhere, port)
    except OSError as error:
        log.warning("cannot answer for host names: %s", error)
