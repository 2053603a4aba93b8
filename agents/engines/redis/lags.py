"""How late a write arrives, measured with one."""

import time

from redis import Redis

from cachewright.agents.engines.redis import acks, info

LONGEST = 2.0  # seconds for which it is waited
FINEST = 0.001  # seconds between two looks at the replica, at first
SHARE = 20  # later a part of what has passed: so finely is it measured
ASKED = 1  # milliseconds that the primary waits for its replicas


def lag(replica: Redis, primary: Redis) -> float:
    """Seconds until a replica has something that its primary was made to write: a question of how far replicas are,
    which is what WAIT puts into the stream of changes, and changes nothing. It was not written before the seconds
    begin.
    """
    begun = time.monotonic()
    before = _offset(primary)
    primary.execute_command("WAIT", acks.ALL, ASKED)
    while True:
        arrived = _offset(replica) > before
        passed = time.monotonic() - begun
        if arrived or passed > LONGEST:
            return passed
        time.sleep(max(FINEST, passed / SHARE))


def _offset(node: Redis) -> int:
    return info.replication(node.execute_command("INFO", "replication")).offset
