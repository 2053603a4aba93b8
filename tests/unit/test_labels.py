"""What containers of earlier releases say of themselves is understood: else an upgrade would rebuild every cache."""

from datetime import UTC, datetime

import pytest

from cachewright.agents.planning import labels
from cachewright.agents.runtime.translation import seen
from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.cache import ClusterMode, Spec, Transit
from cachewright.controlplane.model.fingerprints import Fingerprints, fingerprints_of
from cachewright.controlplane.model.versions import Engine

# What version 0.1 and its successors wrote on a node, and what is read there.
RELEASED = {
    "cachewright.instance": labels.INSTANCE,
    "cachewright.cache": labels.CACHE,
    "cachewright.node": labels.NODE,
    "cachewright.incarnation": labels.INCARNATION,
    "cachewright.role": labels.ROLE,
    "cachewright.life": labels.LIFE,
    "cachewright.recipe": labels.FINGERPRINT,
    "cachewright.fingerprint": labels.FINGERPRINT,
    "cachewright.transit": labels.TRANSIT,
    "cachewright.login": labels.LOGIN,
    "cachewright.parameters": labels.PARAMETERS,
    "cachewright.static": labels.STATIC,
    "cachewright.beside": labels.BESIDE,
}

EMPTY = "e3b0c44298fc"  # the digest of nothing
OPEN = "60a33e6cf515"  # of logins that let everybody in, but keep some commands to themselves
OWN = (("timeout", "30"),)
DAY = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, STOPPED = Applied("elc-20260101-001", DAY), Applied("elc-20260101-002", DAY, stopped_at=DAY)
NODES: tuple[tuple[Spec, Fingerprints], ...] = (
    (
        Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", ()),
        Fingerprints("e7c0d190b5a9", Transit.OFF, login=True, access=OPEN, immediate=EMPTY, static=EMPTY),
    ),
    (
        Spec(Engine.REDIS, "5.0.6", "cache.t3.micro", 6379, "default.redis5.0", ()),
        Fingerprints("0565aad3fe9e", Transit.OFF, login=False, access=OPEN, immediate=EMPTY, static=EMPTY),
    ),
    (
        Spec(Engine.VALKEY, "8.0.1", "cache.m5.large", 6379, "default.valkey8", (), transit=Transit.PREFERRED),
        Fingerprints("5137b013d0b6", Transit.PREFERRED, login=True, access=OPEN, immediate=EMPTY, static=EMPTY),
    ),
    (
        Spec(
            Engine.VALKEY, "8.0.1", "cache.m5.large", 6379, "own", (),
            transit=Transit.REQUIRED, cluster_mode=ClusterMode.ENABLED, parameters=OWN,
        ),
        Fingerprints("3a163948820c", Transit.REQUIRED, login=True, access=OPEN, immediate="6868642978ba", static=EMPTY),
    ),
    (
        Spec(Engine.MEMCACHED, "1.6.22", "cache.t3.micro", 11211, "default.memcached1.6", ()),
        Fingerprints("5325d1edd2e9", Transit.OFF, login=False, access=OPEN, immediate="", static=EMPTY),
    ),
    (
        Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", (), updates=(FIRST,)),
        Fingerprints("265441deeb88", Transit.OFF, login=True, access=OPEN, immediate=EMPTY, static=EMPTY),
    ),
    (
        Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", (), updates=(FIRST, STOPPED)),
        Fingerprints(
            "86649f61e8e5", Transit.OFF, login=True, access=OPEN, immediate=EMPTY, static=EMPTY,
            kept=frozenset({"265441deeb88", "e7c0d190b5a9"}),
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize("written", RELEASED)
def test_a_label_of_any_release_is_read(written: str) -> None:
    state = {"StartedAt": "2026-01-01T00:00:00Z", "Status": "running"}
    place = {"HostConfig": {"NetworkMode": "net"}, "NetworkSettings": {"Networks": {"net": {}}}}
    config = {"Config": {"Labels": {written: "value"}}, "Image": "sha256:1"}
    container = seen({"Name": "/node", "State": state, **config, **place}, "net")
    assert container.labels == {RELEASED[written]: "value"}


@pytest.mark.parametrize(("spec", "written"), NODES, ids=lambda value: getattr(value, "version", ""))
def test_a_node_of_an_earlier_release_is_made_as_desired(spec: Spec, written: Fingerprints) -> None:
    assert fingerprints_of(spec) == written
