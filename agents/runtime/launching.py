"""From a blueprint to a container that runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from cachewright.agents.planning.containers import ANYWHERE, Blueprint
from cachewright.agents.planning.labels import INSTANCE, NODE, same_place
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.archive import packed
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict
from cachewright.agents.runtime.looks import Looks
from cachewright.agents.runtime.mounted import mounted, require
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.networks import Networks
from cachewright.agents.runtime.translation import container_config, holder_of


@dataclass(slots=True)
class Launching:
    """Of one instance on one engine."""

    engine: Engine
    instance: str
    networks: Networks
    looks: Looks
    start: Callable[[str], None]  # as the runtime does that
    remove: Callable[[str], None]
    network: Network | None = None  # as it was opened last

    def launch(self, blueprint: Blueprint) -> None:
        """See Runtime."""
        with self._held(blueprint) as holder:
            self._create(blueprint, holder)
            try:
                self._furnish(blueprint)
                if holder:
                    require(self.engine, blueprint.name, blueprint.streams[-1].path)
                self._start(blueprint)
            except (Later, Never):
                with suppress(Later, Never):  # the failure to launch is the one to tell
                    self.remove(blueprint.name)
                raise
        if NODE in blueprint.labels:  # whoever launches a node wants to see it
            self.looks.expect(blueprint.name, blueprint.labels)

    @contextmanager
    def _held(self, blueprint: Blueprint) -> Iterator[str]:
        """The name of a container that keeps the blueprint's tmpfs mounted; empty where no stream goes to a tmpfs. What
        is written onto a tmpfs is there as long as it is mounted, and its own container does not run yet.
        """
        roots = tuple(f"{one.path}/" for one in blueprint.tmpfs)
        if not roots or not any(stream.path.startswith(roots) for stream in blueprint.streams):
            yield ""
            return
        assert all(stream.path.startswith(roots) for stream in blueprint.streams), "all of them, or none"
        holder = holder_of(blueprint)
        try:
            self._create(holder)
            with mounted(self.engine, holder.name):
                yield holder.name
        finally:
            with suppress(Later, Never):  # whoever looks at the node's containers removes it
                self.remove(holder.name)

    def _start(self, blueprint: Blueprint) -> None:
        """Start it; an earlier life of it that goes by another name, and so was not replaced, still has the address."""
        try:
            self.start(blueprint.name)
        except Later:
            if not self.vacate(blueprint):
                raise
            self.start(blueprint.name)

    def vacate(self, blueprint: Blueprint) -> bool:
        """Remove an earlier life, under another name, that has the blueprint's address; whether there was one. Later
        when it is another's.
        """
        fixed = blueprint.address and blueprint.address != ANYWHERE
        holder = self.networks.holder(blueprint.address) if fixed else None
        if holder is None or holder == blueprint.name:
            return False
        if not any(one.name == holder and same_place(one.labels, blueprint.labels) for one in self.looks.every()):
            raise Later(f"cannot start container {blueprint.name}: {holder} has its address", 1.0) from None
        self.remove(holder)
        return True

    def twin(self, address: str) -> str:
        """The other address of a container: it has both, and its process listens where it should."""
        if not address or address == ANYWHERE or not self.network or not self.network.six:
            return ""
        return self.network.twin(address)

    def _furnish(self, blueprint: Blueprint) -> None:
        """Files, and volumes that its user may write on: the engine makes them root's."""
        mounts = [mount.path for mount in blueprint.volumes]
        if not (blueprint.files or mounts or blueprint.streams):
            return
        pieces = packed(blueprint.files, blueprint.streams, blueprint.user, mounts)
        with self.engine.asked(f"copy files into container {blueprint.name}") as client:
            client.put_archive(blueprint.name, "/", pieces if blueprint.streams else b"".join(pieces))

    def _create(self, blueprint: Blueprint, holder: str = "") -> None:
        deed = f"create container {blueprint.name}"
        for _ in range(2):
            try:
                with self.engine.complaining(deed) as client:
                    client.create_container_from_config(self._config(blueprint, holder), blueprint.name)
                return
            except Complaint as complaint:
                if complaint.status != 409:
                    raise verdict(deed, complaint.words, complaint.status) from complaint
                self._remove_leftover(blueprint.name)
        raise Later(f"cannot {deed}: its name was taken again")

    def _config(self, blueprint: Blueprint, holder: str) -> dict[str, Any]:
        twin = self.twin(blueprint.address)
        return container_config(blueprint, self.networks.name, {INSTANCE: self.instance}, holder, twin)

    def _remove_leftover(self, name: str) -> None:
        if any(row["Labels"].get(INSTANCE) != self.instance for row in self.looks.named(name)):
            raise Never(f"cannot create container {name}: the name belongs to a container of somebody else")
        self.remove(name)
