"""Parameter values as flags of Memcached. Pure.

Source: the ElastiCache user guide, "Memcached specific parameters", and Memcached's own release notes.
"""

from collections.abc import Callable, Iterator, Mapping

from cachewright.agents.planning.sizing import Size
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.node_types import MIB
from cachewright.controlplane.model.parameters import effective

Version = tuple[int, ...]  # of the build that runs
_Words = Callable[[str], tuple[str, ...]]

ON_FROM: Version = (1, 5)  # the version in which things are on that can be turned off: nothing is to be before
_ALWAYS: Version = ()
_NEVER: Version = (999,)


def _with_value(flag: str) -> _Words:
    return lambda value: (flag, value)


def _when(wanted: str, *flag: str) -> _Words:
    return lambda value: flag if value == wanted else ()


# How a parameter is said, and from which version up to which one: one that was removed is no flag any more.
_FLAGS: Mapping[str, tuple[_Words, Version, Version]] = {
    "num_threads": (_with_value("-t"), _ALWAYS, _NEVER),
    "backlog_queue_limit": (_with_value("-b"), _ALWAYS, _NEVER),
    "binding_protocol": (_with_value("-B"), _ALWAYS, _NEVER),
    "cas_disabled": (_when("1", "-C"), _ALWAYS, _NEVER),
    "chunk_size": (_with_value("-n"), _ALWAYS, _NEVER),
    "chunk_size_growth_factor": (_with_value("-f"), _ALWAYS, _NEVER),
    "disable_flush_all": (_when("1", "-F"), (1, 4, 24), _NEVER),
    "error_on_memory_exhausted": (_when("1", "-M"), _ALWAYS, _NEVER),
    "large_memory_pages": (_when("1", "-L"), _ALWAYS, _NEVER),
    "lock_down_paged_memory": (_when("1", "-k"), _ALWAYS, _NEVER),
    "lru_crawler metadump": (_when("1", "-X"), (1, 4, 33), _NEVER),
    "max_item_size": (_with_value("-I"), _ALWAYS, _NEVER),
    "maximize_core_file_limit": (_when("1", "-r"), _ALWAYS, _NEVER),
    "requests_per_event": (_with_value("-R"), _ALWAYS, _NEVER),
    "watch": (_when("0", "-W"), (1, 4, 33), _NEVER),
}


def _assigned(word: str) -> _Words:
    return lambda value: (f"{word}={value}",)


def _switched(word: str) -> _Words:
    return lambda value: (word if value == "1" else f"no_{word}",)


# The same for what follows `-o`, in this order: `modern` and `no_modern` choose what the others differ from.
# `worker_logbuf_size` is not said: Memcached takes its value for `slab_sizes` as well, and then every item that is
# larger than so many bytes takes up half a slab page.
_OPTIONS: Mapping[str, tuple[_Words, Version, Version]] = {
    "modern": (_when("1", "modern"), (1, 4, 33), (1, 5, 10)),
    "no_modern": (_when("1", "no_modern"), (1, 5, 10), _NEVER),
    "expirezero_does_not_evict": (_when("1", "expirezero_does_not_evict"), (1, 4, 24), (1, 5, 10)),
    "hash_algorithm": (_assigned("hash_algorithm"), (1, 4, 24), _NEVER),
    "hashpower_init": (_assigned("hashpower"), (1, 4, 14), _NEVER),
    "idle_timeout": (_assigned("idle_timeout"), (1, 4, 33), _NEVER),
    "inline_ascii_resp": (_when("1", "inline_ascii_resp"), (1, 5, 10), (1, 5, 16)),
    "lru_crawler": (_switched("lru_crawler"), (1, 4, 24), _NEVER),
    "lru_maintainer": (_switched("lru_maintainer"), (1, 4, 24), _NEVER),
    "maxconns_fast": (_switched("maxconns_fast"), (1, 4, 14), _NEVER),
    "slab_automove": (_assigned("slab_automove"), (1, 4, 14), _NEVER),
    "slab_chunk_max": (_assigned("slab_chunk_max"), (1, 4, 33), _NEVER),
    "slab_reassign": (_switched("slab_reassign"), (1, 4, 14), _NEVER),
    "track_sizes": (_when("1", "track_sizes"), (1, 4, 33), _NEVER),
    "watcher_logbuf_size": (_assigned("watcher_logbuf_size"), (1, 4, 33), _NEVER),
}


def flags(spec: Spec, size: Size, version: Version) -> tuple[str, ...]:
    """The words of a command line, but for the addresses and the number of connections."""
    values = effective(spec)
    said = _said(_OPTIONS, values, version)
    extended = ",".join(word for word in said if version >= ON_FROM or not word.startswith("no_"))
    return ("-m", str(size.items // MIB), *_said(_FLAGS, values, version), *(("-o", extended) if extended else ()))


def _said(
    table: Mapping[str, tuple[_Words, Version, Version]], values: Mapping[str, str], version: Version
) -> Iterator[str]:
    for name, (words, since, until) in table.items():
        if name in values and since <= version < until:
            yield from words(values[name])
