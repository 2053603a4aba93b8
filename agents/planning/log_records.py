"""Records of logs, byte for byte as AWS delivers them. Pure.

Source: the user guide, Log delivery: contents of a slow log entry and of an engine log entry.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cachewright.controlplane.model.cache import Node
from cachewright.controlplane.model.log_delivery import LogFormat

MARKS = {".": "DEBUG", "-": "VERBOSE", "*": "NOTICE", "#": "WARNING"}

_LINE = re.compile(rb"\d+:([A-Z]) (\d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) ([.\-*#]) (.*)", re.DOTALL)
_REST = re.compile(rb"\.\.\. \((\d+) more arguments\)")
_MOMENT = "%d %b %Y %H:%M:%S.%f"


@dataclass(frozen=True, slots=True)
class Record:
    """One record, and when what it tells of happened, in milliseconds of Unix time."""

    moment: int
    text: str


@dataclass(frozen=True, slots=True)
class SlowEntry:
    """An entry of SLOWLOG GET."""

    id: int
    timestamp: int  # seconds of Unix time
    duration: int  # microseconds
    arguments: tuple[bytes, ...]  # the command first; an engine replaces those behind the first 31 by a remark
    address: bytes
    name: bytes  # of the client


@dataclass(frozen=True, slots=True)
class EngineLine:
    """A line that an engine has logged."""

    role: str  # M: primary, S: replica, C: a child that writes a file, X: sentinel
    date: str  # UTC: `12 Nov 2020 01:28:57.994`
    mark: str
    message: str

    @property
    def moment(self) -> int:
        """Milliseconds of Unix time."""
        return round(datetime.strptime(self.date, _MOMENT).replace(tzinfo=UTC).timestamp() * 1000)


def slow_record(node: Node, entry: SlowEntry, form: LogFormat) -> Record:
    """The record of a slow command. Arguments are hidden; what is no text is replaced by U+FFFD."""
    command, address, name = hidden(entry.arguments), _text(entry.address), _text(entry.name)
    if form is LogFormat.TEXT:
        fields = (node.cluster, node.id, entry.timestamp, entry.duration, command, address, name)
        return Record(entry.timestamp * 1000, ",".join(map(str, fields)))
    content: dict[str, object] = {
        "CacheClusterId": node.cluster,
        "CacheNodeId": node.id,
        "Id": entry.id,
        "Timestamp": entry.timestamp,
        "Duration (us)": entry.duration,
        "Command": command,
        "ClientAddress": address,
        "ClientName": name,
    }
    return Record(entry.timestamp * 1000, _json(content))


def hidden(arguments: Sequence[bytes]) -> str:
    """A command without its arguments, which are counted."""
    command, *others = arguments or (b"",)
    count, rest = len(others), _REST.fullmatch(others[-1]) if others else None
    if rest and len(arguments) == _KEPT:
        count += int(rest[1]) - 1
    return f"{_text(command)} ... ({count} more arguments)" if count else _text(command)


_KEPT = 32  # arguments that an engine keeps, SLOWLOG_ENTRY_MAX_ARGC; of more the last one is a remark


def engine_line(line: bytes) -> EngineLine | None:
    """A line of an engine's log; None for one of another form, which tells no role, moment or level: a banner, or a
    report of a crash.
    """
    found = _LINE.fullmatch(line)
    if not found:
        return None
    role, date, mark, message = (_text(part) for part in found.groups())
    read = EngineLine(role, date, mark, message)
    try:
        return read if read.moment >= 0 else None
    except ValueError:  # a day that no calendar has
        return None


def engine_record(node: Node, line: EngineLine, form: LogFormat) -> Record:
    """The record of a line: the process id gives way to the ids of the node."""
    if form is LogFormat.TEXT:
        whose = f"{node.cluster}/{node.id}:{line.role}"
        return Record(line.moment, f"{whose} {line.date} UTC {line.mark} {line.message}")
    content: dict[str, object] = {
        "CacheClusterId": node.cluster,
        "CacheNodeId": node.id,
        "LogLevel": MARKS[line.mark],
        "Role": line.role,
        "Time": f"{line.date} UTC",
        "Message": line.message,
    }
    return Record(line.moment, _json(content))


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
