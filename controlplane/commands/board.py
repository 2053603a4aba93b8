"""The topology as tables for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.filesize import decimal
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cachewright.controlplane.console.seen import GROUP, UNSHARDED, CacheSeen, MemberSeen, NodeSeen, Topology

ANONYMOUS = "000000000000"  # the account of requests that name none
_COLOURS = {
    "available": "green",
    "failed": "bold red",
    "deleting": "dim",
    "primary": "bold cyan",
    "replica": "default",
}


def board(seen: Topology) -> RenderableType:
    """A table for each cache."""
    if not seen.caches:
        return Text("There is no cache yet.")
    return Group(*(part for cache in seen.caches for part in _parts(cache)))


def crew(members: Sequence[MemberSeen]) -> Table:
    """A row for each process of several, and what it holds."""
    table = plain_table("process", "role", "where", "caches", "holds")
    for one in members:
        holds, caches = ", ".join(one.duties), str(one.caches) if one.role == "agent" else ""
        table.add_row(one.name, one.role, f"{one.host}, {one.process}", caches, holds)
    return table


def plain_table(*columns: str) -> Table:
    """A table that is at home in a narrow terminal; only its last column is folded."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, no_wrap=column != columns[-1], overflow="fold")
    return table


def _parts(cache: CacheSeen) -> Iterator[RenderableType]:
    yield Text.from_markup(_title(cache))
    if cache.cluster_mode != UNSHARDED:
        yield Padding(_shards(cache), (0, 0, 1, 2))
    yield Padding(_nodes(cache), (0, 0, 0, 2))
    for line in (*_endpoints(cache), _resharding(cache), cache.reason, *cache.notes):
        if line:
            yield Padding(Text(line), (0, 0, 0, 2))
    yield Text()


def _title(cache: CacheSeen) -> str:
    owner = () if cache.account == ANONYMOUS else (f"account {cache.account}",)
    mode = () if cache.cluster_mode == UNSHARDED else (f"cluster mode {cache.cluster_mode}",)
    kind = cache.kind.replace("-", " ")
    what = (kind, f"{cache.engine} {cache.version}", *mode, cache.node_type, cache.region, *owner)
    return f"[bold]{cache.id}[/]  {_coloured(cache.phase)}  {', '.join(what)}"


def _shards(cache: CacheSeen) -> Table:
    table = plain_table("shard", "primary", "keys", "memory", "slots")
    for shard in cache.shards:
        leading = next((node for node in shard.nodes if node.role == "primary"), None)
        held = (_name(cache, leading), f"{leading.keys:,}", decimal(leading.used)) if leading else ("", "", "")
        table.add_row(shard.id, *held, shard.slots.replace(",", " ") or "none")
    return table


def _resharding(cache: CacheSeen) -> str:
    return "" if cache.moved is None else f"resharding: {cache.moved:g} % of the slots that have to move have moved"


def _nodes(cache: CacheSeen) -> Table:
    nodes = [node for shard in cache.shards for node in shard.nodes]
    columns: dict[str, list[str]] = {
        "node": [_name(cache, node) for node in nodes],
        "role": [_coloured(node.role) for node in nodes],
        "phase": [_coloured(node.phase) for node in nodes],
        "address": [node.address for node in nodes],
        "runs": [node.build for node in nodes],
        "host": [node.host for node in nodes],
        "zone": [node.zone for node in nodes],
    }
    told = {name: cells for name, cells in columns.items() if any(cells)}
    table = plain_table(*told)
    for row in zip(*told.values(), strict=True):
        table.add_row(*row)
    return table


def _endpoints(cache: CacheSeen) -> Iterator[str]:
    names = {node.address: _name(cache, node) for shard in cache.shards for node in shard.nodes}
    for endpoint in cache.endpoints:
        leads_to = ", ".join(names.get(address, address) for address in endpoint.leads_to)
        yield f"{endpoint.name} endpoint {endpoint.address} leads to {leads_to or 'nobody'}"


def _name(cache: CacheSeen, node: NodeSeen) -> str:
    """A node as people say it: the cluster of a group's member has no other node."""
    return node.name.rpartition(".")[0] if cache.kind == GROUP else node.name


def _coloured(word: str) -> str:
    return f"[{_COLOURS.get(word, 'yellow')}]{word}[/]" if word else ""
