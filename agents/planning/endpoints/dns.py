"""When the directory is told the host names of a cache."""

from collections.abc import Mapping
from hashlib import sha256

from cachewright.agents.planning.actions import Action, PublishDns
from cachewright.controlplane.model.cache import Address, Status

Led = Mapping[Address, tuple[str, ...]]  # the names by which encrypted clients are led to endpoints


def publish_dns(before: Status, names: Mapping[str, str], led: Led, directory: str) -> list[Action]:
    """What has to be told to the directory and to gateways; `directory` names those that run."""
    same = digest(names, led) == before.named
    known = same if directory and before.gateway == directory else not (names or before.named)
    return [] if known else [PublishDns(names, led)]


def withdraw_dns(status: Status) -> list[Action]:
    """The end of every name."""
    return [PublishDns({}, {})] if status.named else []


def digest(names: Mapping[str, str], led: Led) -> str:
    """What is written down of names that were told; empty for none."""
    told = [*names.items(), *((name, str(endpoint)) for endpoint, each in led.items() for name in each)]
    lines = "\n".join(f"{name} {address}" for name, address in sorted(told))
    return sha256(lines.encode()).hexdigest()[:12] if names else ""
