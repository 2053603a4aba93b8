"""The topology as tables for a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from controlplane.console.topology import CacheSeen, NodeSeen, Topology

COLUMNS = ("node or endpoint", "role", "phase", "address", "runs", "zone")
ANONYMOUS = "000000000000"  # the account of requests that name none
_KINDS = {"cache-cluster": "cache cluster", "replication-group": "replication group"}
_COLOURS = {"available": "green", "failed": "red", "create-failed": "red", "deleting": "dim", "primary": "bold cyan"}


def board(seen: Topology) -> RenderableType:
    """A table for each cache."""
    if not seen.caches:
        return Text("There is no cache yet.")
    return Group(*(_table(cache) for cache in seen.caches))


def _table(cache: CacheSeen) -> Table:
    table = Table(title=_title(cache), title_justify="left", title_style="", expand=False, caption_justify="left")
    table.caption = "\n".join(filter(None, (escape(cache.reason), *map(escape, cache.notes)))) or None
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for shard in cache.shards:
        if len(cache.shards) > 1:
            table.add_row(f"[dim]node group {shard.id}[/]")
        for node in shard.nodes:
            table.add_row(*_node_row(node))
    table.add_section()
    for row in _endpoint_rows(cache):
        table.add_row(*row)
    return table


def _title(cache: CacheSeen) -> str:
    owner = () if cache.account == ANONYMOUS else (f"account {cache.account}",)
    what = (_KINDS[cache.kind], f"{cache.engine} {cache.version}", cache.node_type, cache.region, *owner)
    return f"[bold]{cache.id}[/]  {', '.join(what)}  {_coloured(cache.phase)}"


def _node_row(node: NodeSeen) -> tuple[str, ...]:
    return (node.name, _coloured(node.role), _coloured(node.phase), node.address, node.build, node.zone)


def _endpoint_rows(cache: CacheSeen) -> Iterator[tuple[str, ...]]:
    names = {node.address: node.name for shard in cache.shards for node in shard.nodes}
    for endpoint in cache.endpoints:
        leads_to = ", ".join(names.get(address, address) for address in endpoint.leads_to)
        yield (f"{endpoint.name} endpoint", "", "", endpoint.address, f"leads to {leads_to or 'nobody'}", "")


def _coloured(word: str) -> str:
    colour = _COLOURS.get(word, "yellow")
    return f"[{colour}]{word}[/]" if word and word != "replica" else word
