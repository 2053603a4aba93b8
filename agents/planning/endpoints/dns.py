"""When the directory is told the host names of a cache."""

from collections.abc import Mapping
from hashlib import sha256

from cachewright.agents.planning.actions import Action, PublishDns
from cachewright.controlplane.model.cache import Status


def publish_dns(before: Status, names: Mapping[str, str], directory: str) -> list[Action]:
    """What has to be told to the directory; `directory` names the one that runs."""
    same = digest(names) == before.named
    known = same if directory and before.gateway == directory else not (names or before.named)
    return [] if known else [PublishDns(names)]


def withdraw_dns(status: Status) -> list[Action]:
    """The end of every name."""
    return [PublishDns({})] if status.named else []


def digest(names: Mapping[str, str]) -> str:
    """What is written down of names that were told; empty for none."""
    lines = "\n".join(f"{name} {address}" for name, address in sorted(names.items()))
    return sha256(lines.encode()).hexdigest()[:12] if names else ""
