"""Single connections, for words that a client of redis-py would wait too long on."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.connection import Connection
from redis.exceptions import RedisError


@contextmanager
def borrowed(client: Redis) -> Iterator[Connection]:
    """One of a client's connections. It ends when something goes wrong: answers may be on their way."""
    connection = client.connection_pool.get_connection()
    try:
        yield connection
    except (RedisError, OSError):
        connection.disconnect()
        raise
    finally:
        client.connection_pool.release(connection)
