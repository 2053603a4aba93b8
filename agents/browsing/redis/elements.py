"""Changes of what is at a key. Each looks first whether it still is what somebody saw, and is done by the engine only
if nobody comes between: WATCH, MULTI, EXEC.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cachewright.agents.browsing.places import Place, leader
from cachewright.agents.browsing.redis.answers import number, pieces, text, whole
from cachewright.agents.browsing.redis.keys import expiry
from cachewright.agents.browsing.redis.values import BYTES, READINGS
from cachewright.agents.browsing.redis.visit import Visit
from cachewright.agents.engines.redis.session import Words
from cachewright.controlplane.model.browsing import CHANGED, TAKEN, Conflict, Edit, Fate, Refusal
from cachewright.controlplane.model.replies import Failure, Reply

NOTHING = "none"  # what TYPE says of a key that is not there


@dataclass(frozen=True, slots=True)
class Writing:
    """How an element of a type is read, given another value (None: it cannot be), and taken away."""

    now: Callable[[Edit], Words]
    seen: Callable[[Reply], bytes | None]
    put: Callable[[Edit, bytes], Sequence[Words]] | None
    drop: Callable[[Edit], Sequence[Words]]


def _plain(reply: Reply) -> bytes | None:
    return None if whole(reply) is None else pieces(reply)[0]


def _present(reply: Reply) -> bytes | None:
    return b"" if number(reply) else None


def _without_place(edit: Edit) -> Sequence[Words]:
    """Lists forget elements by what they are: it becomes something that nothing else is."""
    nothing = f"cachewright:{secrets.token_hex(8)}"
    return (("LSET", edit.window.key, edit.element, nothing), ("LREM", edit.window.key, 1, nothing))


def _put_in_list(edit: Edit, value: bytes) -> Sequence[Words]:
    if edit.was is None:
        return (("RPUSH", edit.window.key, value),)
    return (("LSET", edit.window.key, edit.element, value),)


WRITINGS: Mapping[str, Writing] = {
    "string": Writing(
        lambda edit: ("GETRANGE", edit.window.key, 0, BYTES),
        _plain,
        lambda edit, value: (("SET", edit.window.key, value),),
        lambda edit: (("UNLINK", edit.window.key),),
    ),
    "hash": Writing(
        lambda edit: ("HGET", edit.window.key, edit.element),
        _plain,
        lambda edit, value: (("HSET", edit.window.key, edit.element, value),),
        lambda edit: (("HDEL", edit.window.key, edit.element),),
    ),
    "list": Writing(lambda edit: ("LINDEX", edit.window.key, edit.element), _plain, _put_in_list, _without_place),
    "set": Writing(
        lambda edit: ("SISMEMBER", edit.window.key, edit.element),
        _present,
        lambda edit, _: (("SADD", edit.window.key, edit.element),),
        lambda edit: (("SREM", edit.window.key, edit.element),),
    ),
    "zset": Writing(
        lambda edit: ("ZSCORE", edit.window.key, edit.element),
        _plain,
        lambda edit, value: (("ZADD", edit.window.key, value, edit.element),),
        lambda edit: (("ZREM", edit.window.key, edit.element),),
    ),
    "stream": Writing(
        lambda edit: ("XRANGE", edit.window.key, edit.element, edit.element, "COUNT", 1),
        lambda reply: b"" if whole(reply) else None,
        None,
        lambda edit: (("XDEL", edit.window.key, edit.element),),
    ),
}


def edit(visit: Visit, wanted: Edit) -> None:
    """Another value of an element; Conflict when it is not what it was seen to be."""
    writing, where = WRITINGS.get(wanted.type), _watched(visit, wanted.window.key, wanted.window.node, wanted.type)
    if writing is None:
        raise Refusal(f"elements of the type {wanted.type} cannot be changed here: use the command line")
    now, ttl = visit.ask_all(where, [writing.now(wanted), ("PTTL", wanted.window.key)])
    if writing.seen(now) != wanted.was:
        raise Conflict(CHANGED)
    if wanted.value is None:
        done = writing.drop(wanted)
    elif writing.put is None:
        raise Refusal("entries of a stream cannot be changed, only deleted")
    else:
        done = writing.put(wanted, wanted.value)
    kept = expiry(ttl) if wanted.type == "string" and wanted.value is not None else None  # SET forgets it
    _execute(visit, where, [*done, *([("PEXPIRE", wanted.window.key, kept)] if kept else [])])


def create(visit: Visit, wanted: Edit) -> None:
    """A new key with its first element, an entry of a stream with a field and its value; Conflict when there is one."""
    writing, value = WRITINGS.get(wanted.type), wanted.value or b""
    if writing is None:
        raise Refusal(f"there is no type {wanted.type} that could be begun here: use the command line")
    where, now = _watch(visit, wanted.window.key, wanted.window.node)
    if now != NOTHING:
        raise Conflict(TAKEN)
    entry: Sequence[Words] = (("XADD", wanted.window.key, "*", wanted.element, value),)
    _execute(visit, where, writing.put(wanted, value) if writing.put else entry)


def end(visit: Visit, wanted: Fate) -> None:
    """The end of a key: now, later, or never; Conflict when it is not what it was seen to be."""
    key, reading = wanted.window.key, READINGS.get(wanted.type)
    where = _watched(visit, key, wanted.window.node, wanted.type)
    if reading and number(visit.ask_all(where, [(reading.length, key)])[0]) != wanted.length:
        raise Conflict(CHANGED)
    match wanted.ttl:
        case None:
            words: Words = ("PERSIST", key)
        case 0:
            words = ("UNLINK", key)
        case ttl:
            words = ("PEXPIRE", key, ttl)
    _execute(visit, where, [words])


def _watched(visit: Visit, key: bytes, node: str, kind: str) -> Place:
    """Where the key is, which nobody changes from now on without being noticed; Conflict when its type is another."""
    where, now = _watch(visit, key, node)
    if now not in (kind, NOTHING):
        raise Conflict(f"it is a {now} by now, and was a {kind}; nothing was done. Look at it again")
    if now == NOTHING:
        raise Conflict("this key is gone meanwhile; nothing was done")
    return where


def _watch(visit: Visit, key: bytes, node: str) -> tuple[Place, str]:
    """Where a key is or would be, and its type."""
    where = visit.holder(leader(visit.cache, node), key)
    watched, found = visit.ask_all(where, [("WATCH", key), ("TYPE", key)])
    whole(watched)
    return where, text(found)


def _execute(visit: Visit, where: Place, commands: Sequence[Words]) -> None:
    *queued, done = visit.ask_all(where, [("MULTI",), *commands, ("EXEC",)])
    for reply in queued:
        whole(reply)
    if done is None:
        raise Conflict(CHANGED)
    results = whole(done)
    assert isinstance(results, list)
    for result in results:
        if isinstance(result, Failure):
            raise Refusal(result.text)
