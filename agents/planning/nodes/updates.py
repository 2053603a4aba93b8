"""When service updates came to nodes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cachewright.controlplane.model.cache import NodeStatus, Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.lifecycle import NodePhase


def dated(spec: Spec, nodes: Mapping[str, NodeStatus], now: datetime) -> dict[str, NodeStatus]:
    """Nodes with the moments at which the last update began and ended with those that are made by it."""
    if not spec.updates:
        return dict(nodes)
    name, made = spec.updates[-1].name, fingerprints_of(spec).fingerprint
    return {node: _dated(known, name, now) if known.fingerprint == made else known for node, known in nodes.items()}


def _dated(known: NodeStatus, name: str, now: datetime) -> NodeStatus:
    if known.update != name:
        known = replace(known, update=name, updating_since=now, updated_at=None)
    there = known.phase is NodePhase.AVAILABLE and known.answered == known.life
    return replace(known, updated_at=now) if there and known.updated_at is None else known
