"""Logs of nodes for a person, whether they are delivered anywhere or not: records as AWS writes them in text, and lines
that make no record as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cachewright.agents.outward.logs.reading import NANOSECONDS, Part, unread
from cachewright.agents.planning.log_delivery import MOST
from cachewright.agents.planning.log_records import engine_line, engine_record
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.blueprints import container_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Node
from cachewright.controlplane.model.drills import Unfit
from cachewright.controlplane.model.log_delivery import DestinationType, LogConfiguration, LogFormat, LogType
from cachewright.controlplane.model.log_reading import LogPage, LogPosition

LAST = 200  # lines of each node that are shown first
NOTHING = "0"  # the position of a log that has nothing yet
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

_Row = tuple[int, str]  # a moment, and a line


@dataclass(frozen=True, slots=True)
class LogPages:
    """Finds caches by what people call them."""

    find: Callable[[str, str], Cache]  # by name and account; NoSuchTarget or Unfit
    tools: Callable[[], Tools]

    def page(self, target: str, account: str, kind: LogType, after: Mapping[str, str]) -> LogPage:
        """What the nodes have logged since the positions `after`, by node; the last lines of a node that has none."""
        cache = self.find(target, account)
        if kind is LogType.SLOW and not cache.spec.replicates:
            raise Unfit(f"cannot read the slow log of {target}: Memcached has none")
        rows: list[_Row] = []
        positions: list[LogPosition] = []
        silent: list[str] = []
        for node in _nodes(cache, target.lower()):
            try:
                found, position = _read(self.tools(), cache, node, kind, after.get(node.name, ""))
            except (Later, Never) as verdict:
                silent.append(f"{node.cluster}/{node.id}: {verdict.reason}")
            else:
                rows += found
                positions.append(LogPosition(node.name, position))
        return LogPage(tuple(line for _, line in sorted(rows, key=lambda row: row[0])), tuple(positions), tuple(silent))


def _nodes(cache: Cache, target: str) -> Sequence[Node]:
    """Those of the cache cluster of that name, else of the whole cache."""
    there = [node for node in cache.nodes if node.name in cache.status.nodes]
    return [node for node in there if node.cluster == target] or there


def _read(tools: Tools, cache: Cache, node: Node, kind: LogType, after: str) -> tuple[list[_Row], str]:
    read = _slow if kind is LogType.SLOW else _engine
    rows, position = read(tools, cache, node, after)
    return (rows if after else rows[-LAST:]), position


def _slow(tools: Tools, cache: Cache, node: Node, after: str) -> tuple[list[_Row], str]:
    wanted = LogConfiguration(LogType.SLOW, DestinationType.CLOUDWATCH_LOGS, "", LogFormat.TEXT, _EVER)
    items = unread(tools, Part(cache, node, wanted), after)
    rows = [(one.record.moment * 1000_000, one.record.text) for one in items if one.record]
    return rows, items[-1].position if items else after or NOTHING


def _engine(tools: Tools, cache: Cache, node: Node, after: str) -> tuple[list[_Row], str]:
    since = max(int(after) if after.isdigit() else 0, _begin(cache, node))
    logged = tools.runtime.log(container_of(tools.instance, cache, node.name), since, MOST)
    rows = [(one.moment, _shown(node, one.text)) for one in logged]
    return rows, str(logged[-1].moment) if logged else after or NOTHING


def _begin(cache: Cache, node: Node) -> int:
    """What a container that was started ahead has said before it was seen to serve its cache may be of another one."""
    known = cache.status.nodes[node.name]
    return int((known.created_at or cache.created_at).timestamp() * NANOSECONDS) if known.ahead else 0


def _shown(node: Node, text: bytes) -> str:
    if line := engine_line(text):
        return engine_record(node, line, LogFormat.TEXT).text
    return f"{node.cluster}/{node.id}: {text.decode(errors='replace')}"
