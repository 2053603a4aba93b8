"""Caches that are kept from test to test: emptying one takes a thousandth of the time that making one takes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pymemcache.exceptions import MemcacheError
from redis.exceptions import RedisError

from cachewright.testing.caches import Cache
from cachewright.testing.control_plane import Cachewright


@dataclass(slots=True, eq=False)
class Kept:
    """The caches of one process, by what was asked for."""

    cachewright: Cachewright
    _idle: dict[str, Cache] = field(default_factory=dict)

    @contextmanager
    def lent(self, engine: str, params: Mapping[str, Any], *, fresh: bool) -> Iterator[Cache]:
        """An empty cache. It is kept for the next one, unless it is to be `fresh`, or something was done to it that
        emptying does not undo.
        """
        wanted = json.dumps([engine, dict(params)], sort_keys=True, default=str)
        cache = None if fresh else self._idle.pop(wanted, None)
        cache = cache or self.cachewright.create(engine, **params)
        yield cache
        if fresh or wanted in self._idle or not _emptied(cache):
            cache.delete()
        else:
            self._idle[wanted] = cache


def _emptied(cache: Cache) -> bool:
    try:
        if cache.is_touched or cache.status != "available":
            return False
        cache.flush()
    except (RedisError, MemcacheError, BotoCoreError, ClientError, OSError):
        return False
    return True
