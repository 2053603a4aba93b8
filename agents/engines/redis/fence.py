"""A primary holds writes back for a switchover, and says so by the name of a user.

Its stream of changes does not grow meanwhile: a PING that is under way as the candidate is promoted would put the old
primary ahead of the new one, which it could then follow only with a full copy.
"""

from redis import Redis

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.redis.acl_rules import FENCED as FENCED_USER
from cachewright.agents.engines.redis.cluster_options import CLUSTER_PINGS, PINGS

# For how long an old primary holds writes back, in milliseconds: the control plane can die before it ends that.
HELD = 30_000  # until the candidate has received everything
FENCED = 600_000  # from just before the promotion on: the old primary is removed next
HELD_BLINDLY = (
    2500  # where the pause cannot be ended, and keeps out everybody, whoever looks included: within the patience
)
PAUSES_WRITES_FROM = (6, 2)  # the version that can pause writes alone
OWN_PINGS = 10  # seconds between two, as the engines have it
NEVER = 1_000_000  # seconds: longer than any pause


def pause(client: Redis, milliseconds: int, *kind: str, said: bool = False) -> int:
    """CLIENT PAUSE: the offset behind the last write that the node takes from now on. A pause that is there is made
    longer. `said`: a user tells of it; nothing else does in most versions, and only a pause that is seen is ended for
    certain, so that PINGs go on again.
    """
    transaction = client.pipeline(transaction=True)
    if said:
        transaction.execute_command("ACL", "SETUSER", FENCED_USER, "off")
        transaction.execute_command("CONFIG", "SET", PINGS, NEVER)
    transaction.execute_command("CLIENT", "PAUSE", milliseconds, *kind)
    transaction.execute_command("INFO", "replication")
    *_, section = transaction.execute()
    return info.replication(section).offset


def resume(client: Redis, *, said: bool) -> None:
    """CLIENT UNPAUSE, and nothing tells of a pause any more."""
    clustered = said and client.execute_command("INFO", "cluster")["cluster_enabled"]
    transaction = client.pipeline(transaction=True)
    transaction.execute_command("CLIENT", "UNPAUSE")
    if said:
        transaction.execute_command("CONFIG", "SET", PINGS, CLUSTER_PINGS if clustered else OWN_PINGS)
        transaction.execute_command("ACL", "DELUSER", FENCED_USER)
    transaction.execute()
