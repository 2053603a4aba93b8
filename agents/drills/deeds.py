"""What is done to a node, and how it is undone."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from cachewright.agents.drills.clients import Entrance
from cachewright.agents.drills.victims import Victim
from cachewright.agents.engines.redis.probe import Client, Refused
from cachewright.agents.planning.containers import Blueprint, State
from cachewright.agents.planning.labels import ROLE
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.drills import PREFIX, DrillKind

MEMORY = 64 * 1024 * 1024  # bytes for an errand
# The shell tells by its exit code what tc tells in words.
_ERRAND = """
for way in /sys/class/net/eth*; do
    told=$(tc qdisc "$1" dev "${way##*/}" root $2 2>&1) && continue
    case "$told" in *"kind is unknown"*) exit 3;; esac
    exit 2
done
"""
_ENDINGS = {
    "exit code 2": "tc refuses",
    "exit code 3": "the kernel of the engine's machine cannot delay packets: it has no sch_netem",
    "exit code 127": "the gateway's image has no tc",
}


@dataclass(frozen=True, slots=True)
class Deeds:
    """Everything that one drill does, in the order in which it does it: `do`, then `undo`. What fails raises Later,
    Never or Refused.
    """

    id: str  # of the drill
    kind: DrillKind
    delay: int  # milliseconds
    tools: Tools
    enter: Entrance
    stopped: Callable[[], bool]

    def do(self, victim: Victim) -> str:
        """Do it; what was done, in words."""
        runtime, name = self.tools.runtime, victim.container.name
        match self.kind:
            case DrillKind.KILL | DrillKind.ZONE_DOWN | DrillKind.REGION_DOWN:
                runtime.kill(name)
                return f"killed {victim.node}"
            case DrillKind.PAUSE:
                runtime.pause(name)
                return f"paused {victim.node}"
            case DrillKind.CUT_OFF:
                runtime.disconnect(name)
                return f"took {victim.node} off the network"
            case DrillKind.SLOW_DOWN:
                self._send(victim, "replace", f"netem delay {self.delay}ms")
                return f"delayed every packet of {victim.node} by {self.delay} ms"
            case DrillKind.FILL_MEMORY:
                return f"wrote {self._fill(victim)} keys of junk to {victim.node}"
            case _:
                assert_never(self.kind)

    def undo(self, victim: Victim) -> str:
        """Undo it, if the container is still there and needs it; what was undone, in words, empty for nothing."""
        try:
            return self._undo(victim)
        except Later:
            if victim.place.found(self.tools.runtime):
                raise
            return ""  # it was replaced meanwhile

    @property
    def prefix(self) -> str:
        """How every key of the drill begins."""
        return f"{PREFIX}{self.id}:"

    @property
    def junk(self) -> str:
        """How every key begins that only takes memory away."""
        return f"{self.prefix}junk:"

    def _undo(self, victim: Victim) -> str:
        container = victim.place.found(self.tools.runtime)
        match self.kind:
            case DrillKind.PAUSE if container and container.state is State.PAUSED:
                self.tools.runtime.unpause(container.name)
                return f"unpaused {victim.node}"
            case DrillKind.CUT_OFF if container and not container.connected:
                self.tools.runtime.connect(container.name, self._address(victim).host)
                return f"put {victim.node} back on the network"
            case DrillKind.SLOW_DOWN if container and container.state is State.RUNNING:
                self._send(victim, "del", "")
                return f"took the delay of {victim.node} away"
            case DrillKind.FILL_MEMORY if container:
                with suppress(Refused):  # it is a replica by now: its primary's keys are deleted at the end
                    return f"deleted {self._client(victim).sweep(self.junk)} keys of junk from {victim.node}"
        return ""

    def _address(self, victim: Victim) -> Address:
        return victim.cache.status.nodes[victim.node].address

    def _client(self, victim: Victim) -> Client:
        if not victim.cache.spec.replicates:
            raise Never(f"cannot fill {victim.node}: only Redis and Valkey nodes can be filled")
        return self.enter(self.tools, reach(victim.cache.status, victim.node))

    def _fill(self, victim: Victim) -> int:
        try:
            return self._client(victim).fill(self.junk, self.stopped)
        except Refused as refusal:
            raise Never(f"cannot fill {victim.node}: {refusal}") from refusal

    def _send(self, victim: Victim, verb: str, discipline: str) -> None:
        """Let a container of the gateway's image do something in the network of the node."""
        errand = Blueprint(
            name=f"{victim.container.name}-drill",
            image=self.tools.images.gateway().reference,
            command=("/bin/sh", "-c", _ERRAND, "errand", verb, discipline),
            address="",
            memory=MEMORY,
            labels={ROLE: "drill"},
            capabilities=("NET_ADMIN",),
            user="0:0",
            beside=victim.container.name,
        )
        ending = self.tools.runtime.run(errand)
        if ending != "exit code 0":
            known = _ENDINGS.get(ending.partition(": ")[0])
            raise Never(f"cannot slow {victim.node} down: {known or f'tc ended with {ending}'}")
