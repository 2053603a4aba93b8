"""When the directory is told the host names of a cache."""

from collections.abc import Mapping
from hashlib import sha256

from cachewright.agents.planning.actions import Action, PublishDns
from cachewright.controlplane.model.cache import Status


def naming(before: Status, names: Mapping[str, str], told: str) -> list[Action]:
    """What has to be told to the directory; `told` names who runs, as for the gateway."""
    same = digest(names) == before.named
    known = same if before.gateway == told else not (names or before.named)
    return [] if known else [PublishDns(names)]


def unnaming(status: Status) -> list[Action]:
    """The end of every name."""
    return [PublishDns({})] if status.named else []


def digest(names: Mapping[str, str]) -> str:
    """What is written down of names that were told; empty for none."""
    lines = "\n".join(f"{name} {address}" for name, address in sorted(names.items()))
    return sha256(lines.encode()).hexdigest()[:12] if names else ""
