"""Answers DNS questions over UDP and TCP. Standard library and dnslib only: part of the container's program."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from agents.directory.listing import State
from agents.directory.names import answer

PATIENCE = 10.0  # seconds that a client has for its next question over TCP

log = logging.getLogger(__name__)


class Datagrams(asyncio.DatagramProtocol):
    """Each datagram a question, each answer a datagram."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if said := _said(data, self._state()):
            self._transport.sendto(said, addr)


async def respond(state: Callable[[], State], port: int) -> None:
    """Listen. A port that is not to be had is told; discovery does without."""

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            while True:
                async with asyncio.timeout(PATIENCE):
                    query = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
                said = _said(query, state())
                writer.write(len(said).to_bytes(2) + said)
                await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    everywhere = "0.0.0.0"  # noqa: S104 - the container's own network
    try:
        await loop.create_datagram_endpoint(lambda: Datagrams(state), local_addr=(everywhere, port))
        await asyncio.start_server(attend, everywhere, port)
    except OSError as error:
        log.warning("cannot answer for host names: %s", error)


def _said(query: bytes, state: State) -> bytes:
    """Nothing, as long as there are no host names."""
    return answer(query, state.names, state.suffix) if state.suffix else b""
