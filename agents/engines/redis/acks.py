"""Whether a primary sends its replicas what it writes.

A replica that has received a full copy calls its link up, but its primary sends nothing more until the replica has told
how far it is. Redis before 7 does so once in a second.
"""

from collections.abc import Mapping
from typing import Any

from redis import Redis

from cachewright.agents.engines.redis.connections import borrowed, tolerating

ASKED = 10  # milliseconds for replicas to tell how far they are
ALL = 1000  # more replicas than there can be: WAIT asks all of them, and gives them all of the time
_CHAINED = "cannot be used with replica instances"  # in the words of the engines


def heard(place: Mapping[str, Any]) -> frozenset[str]:
    """The hosts of the replicas that a node sends everything, from its INFO. One that never told how far it is stands
    there with nothing; and nothing is what every primary has written that was not asked to WAIT yet. A node that is a
    replica itself writes nothing of its own. Those are counted, but not listed, whose connection has just ended.
    """
    listed = (place.get(f"slave{number}") for number in range(int(place["connected_slaves"])))
    replicas = [one for one in listed if one]
    least = 0 if place["role"] != "master" and not int(place["master_repl_offset"]) else 1
    return frozenset(str(one["ip"]) for one in replicas if one["state"] == "online" and int(one["offset"]) >= least)


def request_ack(replica: Redis, primary: Redis) -> None:
    """The replica tells how far it is, and the primary has something to send, unless it is a replica itself."""
    with borrowed(replica) as connection:
        connection.send_command("REPLCONF", "GETACK", "*")  # is never answered
        connection.send_command("PING")
        connection.read_response()
    with tolerating(_CHAINED):
        primary.execute_command("WAIT", ALL, ASKED)
