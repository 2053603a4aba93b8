"""The program in the directory's container."""

import asyncio
import json
import logging
import signal
import ssl
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cachewright.agents.directory.program.contact import ADMIN, ADMINISTRATORS, IDENTITY, KEYS, NAMES, STATE
from cachewright.agents.directory.program.listener import Listener
from cachewright.agents.directory.program.listing import (
    Listing,
    State,
    listing_from,
    names_from,
    state_from_json,
    state_to_json,
)

LINE = 1 << 24  # bytes of the longest thing that is told

log = logging.getLogger(__name__)


class Registry:
    """Everything that is known, and the doors that show it. What is told is written down before it is acknowledged."""

    def __init__(self, state: State) -> None:
        self.state = State()
        self._addresses: dict[str, str] = {}  # by host name
        self._written = state
        self._listeners: dict[int, Listener] = {}
        self._responds = False

    async def open(self) -> None:
        """Begin with what was written down."""
        for port, listing in self._written.discovery.items():
            try:
                await self.publish(port, listing)
            except OSError as error:
                log.warning("cannot open port %s: %s", port, error)
        for owner, names in self._written.names.items():
            await self.name(owner, names, self._written.suffix)

    async def publish(self, port: int, listing: Listing) -> None:
        """Show a cluster at a port; OSError when that is impossible."""
        listener = self._listeners.get(port)
        if listener and listener.listing.encrypted == listing.encrypted:
            listener.show(listing)
        else:
            await self._replace(port, Listener(listing, KEYS / f"{port}.pem"))
        self.state = replace(self.state, discovery={**self.state.discovery, port: listing})

    def strike(self, port: int) -> None:
        """A cluster is no more."""
        if listener := self._listeners.pop(port, None):
            listener.close()
        others = {other: listing for other, listing in self.state.discovery.items() if other != port}
        self.state = replace(self.state, discovery=others)

    async def name(self, owner: str, names: Mapping[str, str], suffix: str) -> None:
        """These host names under a suffix are those of a cache, and no others. Nobody is heard before the first."""
        if names and not self._responds:
            from cachewright.agents.directory.program.dns_server import respond  # noqa: PLC0415 - slow to import, rarely needed

            self._responds = True  # before others are let in
            await respond(lambda: (self._addresses, self.state.suffix), NAMES)
        for former in self.state.names.get(owner, {}):
            self._addresses.pop(former, None)
        self._addresses |= names
        others = {other: theirs for other, theirs in self.state.names.items() if other != owner}
        self.state = replace(self.state, names=others | ({owner: names} if names else {}), suffix=suffix)

    def save(self) -> None:
        """Write down what a restarted container begins with."""
        scratch = STATE.with_suffix(".new")
        scratch.write_text(state_to_json(self.state))
        scratch.replace(STATE)

    async def _replace(self, port: int, listener: Listener) -> None:
        if former := self._listeners.pop(port, None):
            former.close()
        await listener.open(port)
        self._listeners[port] = listener


async def tell(registry: Registry, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do what was asked for; the answer. Whatever is wrong with it is told in words."""
    match request:
        case {"probe": _}:
            return {"done": True, "ports": [*registry.state.discovery]}
        case {"enlist": port, "listing": listing}:
            await registry.publish(int(port), listing_from(listing))
        case {"strike": port}:
            registry.strike(int(port))
        case {"owner": owner, "names": names, "suffix": suffix}:
            await registry.name(str(owner), names_from(names), str(suffix))
        case _:
            return {"done": True, "state": state_to_json(registry.state)}
    registry.save()
    return {"done": True}


async def administer(registry: Registry, host: str) -> None:
    """Listen to the host, or to whoever proves to administer: one JSON document on each line, and one back."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if host and writer.get_extra_info("peername")[0] != host:
                return
            while line := await reader.readline():
                writer.write(await _answer(registry, line) + b"\n")
                await writer.drain()
        except OSError as error:
            log.info("lost a connection: %s", error)
        finally:
            writer.close()

    everywhere = "0.0.0.0"  # noqa: S104 - the container's own network
    await asyncio.start_server(serve, everywhere, ADMIN, limit=LINE, ssl=None if host else _proving())


def _proving() -> ssl.SSLContext:
    """Both prove to have a certificate of the same authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(ADMINISTRATORS))
    context.load_cert_chain(IDENTITY)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def _answer(registry: Registry, line: bytes) -> bytes:
    try:
        said = await tell(registry, json.loads(line))
    except (OSError, KeyError, TypeError, ValueError) as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    return json.dumps(said).encode()


async def serve(host: str) -> None:
    """Until SIGTERM."""
    registry = Registry(state_from_json(STATE.read_text()) if STATE.exists() else State())
    await registry.open()
    await administer(registry, host)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()


def main() -> None:
    """The argument is the only address that may administer; without one whoever has a certificate of administrators."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(serve("".join(sys.argv[1:])))
