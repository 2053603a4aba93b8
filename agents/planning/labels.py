"""The labels of containers, networks and volumes: whose they are, and what they were made from.

They outlive every release: what a running container says is never changed. A label that gets another name is read under
its old name as well, see RENAMED.
"""

from collections.abc import Mapping

Labels = Mapping[str, str]

INSTANCE = "cachewright.instance"  # of everything that one Cachewright owns
CACHE = "cachewright.cache"  # the key of the cache that the container was made for
NODE = "cachewright.node"
INCARNATION = "cachewright.incarnation"  # of the cache: a deleted one of the same name has another
OWNER = frozenset({CACHE, NODE, INCARNATION})
ROLE = "cachewright.role"  # what a container is that is no node
HOLDER = "holder"  # the role of a container that keeps a node's tmpfs until the node has it
WARM: Labels = {ROLE: "warm"}  # a node that was started ahead: adopted or not, its container says this for good
AHEAD = "cachewright.ahead"  # of such a container: the name that it was launched with
DIRECTORY: Labels = {ROLE: "directory"}
GATEWAY: Labels = {ROLE: "gateway"}
FORWARDER, NFTABLES = "cachewright.forwarder", "nftables"  # what a gateway forwards with; without it HAProxy
COUNTED = "cachewright.counted"  # of the gateway of one of several hosts: the digest of the lease that it serves on
SNI = "cachewright.sni"  # of the gateway of one of several hosts: the port of the host where it leads by host name
NAMING = "cachewright.naming"  # of the directory of one of several hosts: whether it answers at DNS's port there

LIFE = "cachewright.life"  # of the node: it rises with every container that takes the place of another
FINGERPRINT = "cachewright.fingerprint"  # of what only a rebuilt node can change
TRANSIT = "cachewright.transit"  # how it takes connections
YES, NO = "yes", "no"
LOGIN = "cachewright.login"  # there when the container knows the agent's login
VOLUME = "cachewright.volume"  # whether it logs to a volume, since that may change
PARAMETERS = "cachewright.parameters"  # the digest of the values that it was started with and can be told others of
STATIC = "cachewright.static"  # the digest of the values that it was started with and keeps
ACCESS = "cachewright.access"  # the digest of the logins that it was started with
BESIDE = "cachewright.beside"  # of a relay: the start of the node whose network it shares
METERED = "cachewright.metered"  # of a relay that counts: how many ECPUs it lets pass in a second
DELAYED = "cachewright.delayed"  # of a relay that delays: whom it leads to, and how many milliseconds later

RENAMED: Labels = {"cachewright.recipe": FINGERPRINT}  # by what an earlier release wrote


def warm_prefix(instance: str) -> str:
    """What the names begin with of containers that are started ahead. No node's does: it has its account there."""
    return f"cachewright-{instance}-warm-"


def unowned(labels: Labels, name: str) -> Labels:
    """The labels of a node's container, on one that is launched as `name` before anybody asks for it."""
    return {**{key: value for key, value in labels.items() if key not in OWNER}, **WARM, AHEAD: name}


def owned(labels: Labels, owner: Labels) -> Labels:
    """The other way round, once it is known whose it is."""
    return {**{key: value for key, value in labels.items() if key not in {ROLE, AHEAD}}, **owner}


def present(labels: Labels) -> Labels:
    """Labels under their present names."""
    return {RENAMED.get(name, name): value for name, value in labels.items()}


def knows_login(labels: Labels) -> bool:
    """Whether a container with these labels knows the agent's login."""
    return labels.get(LOGIN) == YES


def has_volume(labels: Labels) -> bool | None:
    """Whether a container with these labels logs to a volume; None when it does not say."""
    return labels[VOLUME] == YES if VOLUME in labels else None


def same_place(one: Labels, other: Labels) -> bool:
    """Whether two containers are lives of the same node, or of the same part of the installation."""
    place, others = ([labels.get(name, "") for name in (CACHE, NODE, ROLE)] for labels in (one, other))
    return place == others and any(place)
