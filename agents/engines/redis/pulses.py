"""What Redis and Valkey are asked again and again while their cache rests, and what follows from the answers. Pure.

Where clients may tell a node anything, it is also asked what they may have told it: logins are few and short, but
values of parameters are hundreds. That somebody has set some is counted by the engine, by subcommand since Redis 7;
before, all of them are read whenever anybody has said CONFIG.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cachewright.agents.engines.redis.acl_rules import marked
from cachewright.agents.planning.pulse import ClusterPulse, Pulse

Question = tuple[str, ...]  # a command
Answers = dict[Question, Any]

ROLE: Question = ("ROLE",)
NAMES: Question = ("ACL", "USERS")
LOGINS: Question = ("ACL", "LIST")
CLUSTER: Question = ("CLUSTER", "INFO")
NODES: Question = ("CLUSTER", "NODES")
COUNTS: Question = ("INFO", "commandstats")
VALUES: Question = ("CONFIG", "GET", "*")

FEW = 8  # passwords

_ANY = re.compile(rb"cmdstat_config:calls=(\d+)")
_SETTING = re.compile(rb"cmdstat_config\|set:calls=\d+")


def questions(*, login: bool, clustered: bool, exposed: bool) -> tuple[Question, ...]:
    """As far as the node knows them, and clients could have changed the answer."""
    logins = (LOGINS if exposed else NAMES,) if login else ()
    cluster = (CLUSTER, NODES) if exposed else (CLUSTER,)
    return (ROLE, *logins, *(cluster if clustered else ()), *((COUNTS,) if exposed else ()))


def tells_subcommands(answers: Answers) -> bool:
    """Whether the engine counts CONFIG SET by itself, and not all of CONFIG."""
    return b"|" in answers[COUNTS]


def configured(answers: Answers) -> int:
    """How often CONFIG was said, to an engine that does not tell its subcommands apart."""
    found = _ANY.search(answers[COUNTS])
    return int(found[1]) if found else 0


def pulse(answers: Answers) -> Pulse:
    """What has been said, each as far as it was asked for."""
    role = answers[ROLE]
    leads = role[0] == b"master"
    linked = leads or role[3] == b"connected"
    cluster = _cluster(answers[CLUSTER], answers.get(NODES, b"")) if CLUSTER in answers else None
    return Pulse(leads, "" if leads else role[1].decode(), linked, _access(answers), cluster, _told(answers))


def _without_tokens(line: bytes) -> bytes:
    """A user as it is listed; those of type `iam` have other passwords every few seconds, and AWS allows nobody else
    more than a few.
    """
    return line if line.count(b" #") <= FEW else b" ".join(word for word in line.split() if not word.startswith(b"#"))


def _access(answers: Answers) -> str | None:
    """Which logins the node knows, by its own word; None where nobody asked."""
    if LOGINS in answers:
        return marked(line.split()[1] for line in answers[LOGINS])
    return marked(answers[NAMES]) if NAMES in answers else None


def _cluster(said: bytes, nodes: bytes) -> ClusterPulse:
    counts: Mapping[str, str] = dict(line.split(":") for line in said.decode().split())
    return ClusterPulse(
        counts["cluster_state"] == "ok",
        int(counts["cluster_known_nodes"]),
        int(counts["cluster_slots_assigned"]),
        int(counts["cluster_my_epoch"]),
        opened=b"->-" in nodes or b"-<-" in nodes,
    )


def _told(answers: Answers) -> str:
    """Names what clients may have changed; empty where they cannot."""
    if COUNTS not in answers:
        return ""
    found = _SETTING.search(answers[COUNTS])
    parts = (*map(_without_tokens, answers.get(LOGINS, ())), *answers.get(VALUES, ()), found.group() if found else b"")
    return sha256(b"\n".join(parts)).hexdigest()[:12]
