"""What Redis and Valkey say of a cluster, and write into the file with which a node of one begins."""

from collections.abc import Iterable, Sequence

from cachewright.agents.planning.cluster.nodes import NO_BUS, ClusterNode, bus_port
from cachewright.agents.planning.world import Membership, Peer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, union

_NOT_YET, _NO_MORE = "handshake", "noaddr"
_SHARDS_FROM = (7, 2)  # the version that keeps ids of shards: without one, a node makes one up


def nodes_conf(own_id: str, cluster_nodes: Sequence[ClusterNode], version: tuple[int, ...]) -> bytes:
    """The text of a nodes.conf: a node of that version that starts with it knows who it is, and everybody else. Nobody
    has to be met, and slots are served as soon as the nodes have heard of each other. Replicas that serve slots have
    epochs of their own before them, so that no two take the same one when they are promoted.
    """
    lines = [_line(one, one.id == own_id, version >= _SHARDS_FROM) for one in cluster_nodes]
    epoch = max((one.epoch for one in cluster_nodes), default=0)
    epoch += sum(one.epoch for one in cluster_nodes if one.id == own_id and one.follows and one.slots)
    return "\n".join([*lines, f"vars currentEpoch {epoch} lastVoteEpoch 0", ""]).encode()


def membership(nodes: str, info: str) -> Membership:
    """A node's view, from its CLUSTER NODES and CLUSTER INFO; ValueError when it does not name itself."""
    rows = [line.split(" ") for line in nodes.splitlines() if line]
    own = next((row for row in rows if "myself" in row[2].split(",")), None)
    if own is None:
        raise ValueError("a cluster node does not name itself")
    known = [row for row in rows if not {_NOT_YET, _NO_MORE} & set(row[2].split(","))]
    return Membership(
        id=own[0],
        peers={row[0]: _peer(row) for row in known},
        meeting=frozenset(_peer(row).address for row in rows if _NOT_YET in row[2].split(",")),
        opened=_ranges(word[1:].partition("-")[0] for word in own[8:] if word.startswith("[")),
        serves="cluster_state:ok" in info.split(),
    )


def led(text: str) -> bool | None:
    """Whether the node that wrote a nodes.conf was a primary by then. It writes that down before it takes a write as
    one. None when the file does not say.
    """
    rows = [words for line in text.splitlines() if len(words := line.split(" ")) > 2]
    own = next((words[2].split(",") for words in rows if "myself" in words[2].split(",")), None)
    return None if own is None else "master" in own


def _line(cluster_node: ClusterNode, own: bool, shards: bool) -> str:
    """A replica makes no claim; nor does a primary without slots. With an epoch that another one has by now, that would
    raise its own, and take back the slots that it has just given away.
    """
    own_place = f"{cluster_node.address.host}:{cluster_node.address.port}"  # one of IPv6 is without brackets
    bus = NO_BUS if cluster_node.apart else bus_port(cluster_node.address.port)
    told = f",{cluster_node.name}" if cluster_node.name or shards else ""
    place = f"{own_place}@{bus}{told}" + (f",shard-id={cluster_node.shard}" if shards else "")
    flags = ("myself," if own else "") + ("slave" if cluster_node.follows else "master")
    slots = cluster_node.slots
    epoch = cluster_node.epoch if slots and not cluster_node.follows else 0
    words = [
        cluster_node.id,
        place,
        flags,
        cluster_node.follows or "-",
        "0",
        "0",
        str(epoch),
        "connected",
        *_words(slots),
        *(_opened(cluster_node) if own else ()),
    ]
    return " ".join(words)


def _opened(cluster_node: ClusterNode) -> list[str]:
    every = ((owner, first, last) for owner, slots in cluster_node.arriving for first, last in slots)
    return [f"[{slot}-<-{owner}]" for owner, first, last in every for slot in range(first, last + 1)]


def _words(slots: Ranges) -> list[str]:
    return [f"{first}-{last}" if first != last else str(first) for first, last in slots]


def _peer(row: Sequence[str]) -> Peer:
    place, _, bus = row[1].partition("@")
    host, _, port = place.rpartition(":")
    leads = "master" in row[2].split(",")
    slots = _ranges(word for word in row[8:] if not word.startswith("["))
    heard = "myself" in row[2] or (row[5] != "0" and row[7] == "connected")
    apart = bus.partition(",")[0] == str(NO_BUS)
    return Peer(Address(host, int(port)), leads, "" if row[3] == "-" else row[3], slots, heard, apart)


def _ranges(words: Iterable[str]) -> Ranges:
    pairs = (word.partition("-") for word in words)
    return union((int(first), int(last or first)) for first, _, last in pairs)
