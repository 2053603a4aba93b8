"""The program in the container of a gateway whose kernel forwards: told routes by the host, it tells the kernel."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Mapping
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from cachewright.agents.gateway.program import ruleset, segments
from cachewright.agents.gateway.program.conntrack import Conntrack
from cachewright.agents.gateway.program.contact import ROUTES, UNKNOWN
from cachewright.agents.gateway.program.lending import Lending
from cachewright.agents.gateway.program.marks import Block
from cachewright.agents.gateway.program.namespaces import Namespaces
from cachewright.agents.gateway.program.neighbours import hold
from cachewright.agents.gateway.program.nft import Nft
from cachewright.agents.gateway.program.routes import Routes

QUIET = 10.0  # seconds after which a connection that says nothing is closed
NO_MARK = 0xFFFFFFFF  # no connection has it


def tell(routes: Routes, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do what was asked for; the answer."""
    match request:
        case {"change": changes}:
            wanted = {endpoint: None if to is None else [*map(str, to)] for endpoint, to in changes.items()}
            routes.change(wanted, [*map(str, request.get("sole", ()))])
        case {"route": endpoint, "targets": targets}:  # so it is told by earlier releases
            routes.change({str(endpoint): [str(target) for target in targets]})
        case {"unroute": endpoint}:
            routes.change({str(endpoint): None})
        case {"probe": _}:
            pass
        case {"routes": _}:
            return {"done": True, "routes": routes.all()}
        case _:
            raise ValueError(UNKNOWN)
    return {"done": True}


class Administration(ThreadingTCPServer):
    """Listens to the host: a JSON document on a line, and one back."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, place: ruleset.Place, routes: Routes) -> None:
        super().__init__((place.address, place.admin), Request)
        self.host, self.routes = place.host, routes


class Request(StreamRequestHandler):
    """One connection."""

    server: Administration
    timeout = QUIET

    def handle(self) -> None:
        """Answer every line; whatever is wrong with it is told in words."""
        if self.client_address[0] != self.server.host:
            return
        try:
            for line in self.rfile:
                self.wfile.write(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError as error:
            logging.info("lost a connection: %s", error)

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            return tell(self.server.routes, json.loads(line))
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            return {"error": f"{type(error).__name__}: {error}"}


def serve(place: ruleset.Place) -> None:
    """Until SIGTERM. OSError when this kernel cannot forward: everything that a route needs is tried first."""
    for source in ruleset.each_of(place.sources6) if place.sources6 else ():
        hold(source)
    conntrack = Conntrack()
    lending = Lending(place.address, Namespaces())
    routes = Routes(Nft(), conntrack, lending, ROUTES)
    routes.restore(ruleset.foundation(place))
    lending.take_back(place.endpoints)
    Thread(target=lending.watch, name="lending", daemon=True).start()
    segments.provoke(conntrack.forget(Block(NO_MARK)))
    # The whole range is this machine's: its kernel answers ARP for it and accepts its packets.
    subprocess.run(("ip", "route", "replace", "local", place.endpoints, "dev", "lo"), check=True)  # noqa: S603, S607
    try:
        with Administration(place, routes) as administration:
            administration.serve_forever()
    finally:
        lending.end()


def main() -> None:
    """The arguments are those of `ruleset.Place`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    address, host, endpoints, sources, admin, *six = sys.argv[1:]
    try:
        serve(ruleset.Place(address, host, endpoints, sources, int(admin), *six))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"this kernel cannot forward connections: {error}")
