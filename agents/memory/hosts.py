"""The hosts of a pretend machine that has several: what becomes of what runs on one as it goes away and comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import RLock

from cachewright.agents.memory.box import Box
from cachewright.agents.memory.processes import Processes
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.host_leases import serves
from cachewright.agents.planning.verdicts import Later

MEMORY = 64 << 30  # bytes, of a host that nobody says more of


class Power(StrEnum):
    """How a host is."""

    ON = "on"
    OFF = "off"  # without power, and so without a process
    CUT = "cut"  # off the network: what runs there goes on, and is reached from there alone


WHY: Mapping[Power, str] = {
    Power.OFF: "no route to host",
    Power.CUT: "the connection timed out",
}


@dataclass(slots=True, eq=False)
class PretendHost:
    """A machine of several."""

    memory: int
    address: str = ""  # at which it publishes ports
    power: Power = Power.ON
    island: Processes = field(default_factory=lambda: Processes(RLock()))  # what is reached from here alone
    agent: datetime | None = None  # when it heard the agent last
    others: dict[int, datetime] = field(default_factory=dict)  # the same of each other host
    lapsed: bool = False  # its gateway has forgotten where everything leads


@dataclass(slots=True, eq=False)
class PretendHosts:
    """The hosts by name; none: there is one, without a name, which is always there. The machine's lock guards them."""

    mainland: Processes
    known: dict[str, PretendHost] = field(default_factory=dict)
    leader: bool = True  # whether their Swarm has one, without which it answers nobody

    def silent(self) -> dict[str, str]:
        """Those that do not answer, and why."""
        return {name: WHY[host.power] for name, host in self.known.items() if host.power is not Power.ON}

    def publishes(self, address: str) -> bool:
        """Whether one of them publishes ports at an address."""
        return any(host.address == address for host in self.known.values())

    def require(self, name: str, deed: str) -> None:
        """Later when a host does not answer; one that was never heard of is there."""
        if not name:
            return
        if name not in self.known:
            self.known[name] = PretendHost(MEMORY)
        if self.known[name].power is not Power.ON:
            raise Later(f"cannot {deed}: host {name} does not answer: {WHY[self.known[name].power]}", 2.0)

    def require_leader(self, deed: str) -> None:
        """Later while their Swarm has none."""
        if not self.leader:
            raise Later(f"cannot {deed}: the engine does not answer in time", 5.0)

    def network(self, box: Box) -> Processes:
        """Where the process of a container is reached."""
        host = self.known.get(box.blueprint.host)
        return host.island if host and box.process and host.island.has(box.process) else self.mainland

    def leave(self, name: str, power: Power, boxes: list[Box]) -> None:
        """A host goes away, with its containers. Nobody says so: whoever asks at their addresses hears nothing."""
        host = self.known[name]
        host.power = power
        for box in (box for box in boxes if box.process):
            assert box.process
            network, address = self.network(box), box.process.address
            if power is Power.CUT:
                network.move(box.process, host.island)
            else:
                network.end(box.process)
                box.state, box.ending, box.process = State.EXITED, "exit code 137", None
                box.forget()
            if address not in self.mainland:
                self.mainland.unheard.add(address)

    def come_back(self, name: str, boxes: list[Box]) -> None:
        """A host is there again. What ran on has its address again, unless somebody else has it by now."""
        host = self.known[name]
        host.power = Power.ON
        for box in boxes:
            address = box.blueprint.address
            if address in self.mainland:
                continue
            self.mainland.unheard.discard(address)
            if box.process and host.island.has(box.process):
                host.island.move(box.process, self.mainland)

    def hear(self, now: datetime) -> None:
        """Whoever is on the network hears the agent and each other."""
        there = [host for host in self.known.values() if host.power is Power.ON]
        for host in there:
            host.agent = now
            host.others = {id(other): now for other in there if other is not host}

    def serves(self, name: str, now: datetime, lease: timedelta) -> bool:
        """Whether the gateway of a host lets clients in, who are on that host themselves. Once its lease is over it
        forgets where everything leads, and waits until it is told.
        """
        host = self.known[name]
        alive = host.power is not Power.OFF and host.agent is not None
        held = alive and serves([host.agent] if host.agent else [], host.others.values(), len(self.known), now - lease)
        host.lapsed |= not held
        return not host.lapsed
