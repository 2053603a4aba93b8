"""The command line: whatever does not hold a node up.

The engine itself says which commands are fast, whatever they touch. Of the others, what they touch is measured first,
with Cachewright's own login: people may do what they ask for, and yet not be allowed to ask how large something is.
"""

from collections.abc import Mapping, Sequence

from cachewright.agents.browsing.places import Place, node_behind
from cachewright.agents.browsing.redis.answers import pieces, text
from cachewright.agents.browsing.redis.typed import LARGE_ANSWERS, is_window, refusal
from cachewright.agents.browsing.redis.values import READINGS
from cachewright.agents.browsing.redis.visit import Visit
from cachewright.controlplane.model.browsing import CommandDoc, Refusal, SlowCommand
from cachewright.controlplane.model.replies import Failure, Reply

ELEMENTS = 10_000  # that a command may touch
BYTES = 1 << 20  # of strings that it may touch
SLOW = 128  # entries of the slow log that are shown
_SHORT = 200  # characters of a word in it


def run(visit: Visit, own: Visit, place: Place, words: Sequence[bytes]) -> Reply:
    """What the node answers, be it a refusal; Refusal where it is not asked. `own` is a visit of Cachewright's."""
    if reason := refusal(words):
        raise Refusal(f"{words[0].decode(errors='replace').upper()} is not run here: {reason}.")
    if not is_window(words) and (name := words[0].upper().decode(errors="replace")):
        _check_touched(own, node_behind(own.cache, place.name), name, words)
    return visit.ask(place, *words)


def _check_touched(own: Visit, place: Place, name: str, words: Sequence[bytes]) -> None:
    info, keys = own.ask_all(place, [("COMMAND", "INFO", name), ("COMMAND", "GETKEYS", *words)])
    known = info[0] if isinstance(info, list) and info else None
    flags = pieces(known[2]) if isinstance(known, list) and len(known) > 2 else []
    if (b"fast" in flags and name not in LARGE_ANSWERS) or not isinstance(keys, list):
        return
    weight = sum(_weight(own, place, key) for key in pieces(keys))
    if weight > 1:
        raise Refusal(
            f"{name} is not run here: it would touch more than {ELEMENTS} elements or {BYTES >> 20} MiB, and hold the"
            f" node meanwhile. {_INSTEAD.get(name, _WINDOWS)}."
        )


_WINDOWS = "Ask for a part of it, such as with HSCAN, SSCAN, ZSCAN, LRANGE, ZRANGE, XRANGE with COUNT, or GETRANGE"
_INSTEAD: Mapping[str, str] = {
    "DEL": "Use UNLINK",
    "GET": "Ask for a part of it with GETRANGE",
    "HGETALL": "Use HSCAN with COUNT",
    "SMEMBERS": "Use SSCAN with COUNT",
}


def _weight(own: Visit, place: Place, key: bytes) -> float:
    """How large a key is, where 1 is as large as what is touched may be."""
    kind = text(own.ask(place, "TYPE", key))
    if kind == "none":
        return 0
    most = BYTES if kind == "string" or kind not in READINGS else ELEMENTS
    words = (READINGS[kind].length, key) if kind in READINGS else ("MEMORY", "USAGE", key)
    found = own.ask(place, *words)
    return found / most if isinstance(found, int) else 0


def docs(own: Visit, place: Place) -> Sequence[CommandDoc]:
    """What can be typed: COMMAND DOCS; before Redis 7 COMMAND, which tells names alone."""
    told = own.ask(place, "COMMAND", "DOCS")
    if isinstance(told, list):
        found = [doc for name, about in _pairs(told) for doc in _documented(text(name), about)]
        return sorted(found, key=lambda doc: doc.name)
    every = own.ask(place, "COMMAND")
    names = [text(row[0]) for row in every if isinstance(row, list) and row] if isinstance(every, list) else []
    return [CommandDoc(name.upper(), "", "") for name in sorted(names)]


def _documented(name: str, about: Reply) -> Sequence[CommandDoc]:
    """A command, or those that are its parts."""
    facts = {text(field): value for field, value in _pairs(about)}
    if parts := _pairs(facts.get("subcommands")):
        return [doc for part, more in parts for doc in _documented(text(part).replace("|", " "), more)]
    words = [_usage(argument) for argument in _list(facts.get("arguments"))]
    return [CommandDoc(name.upper(), text(facts.get("summary")), " ".join(words))]


def _usage(argument: Reply) -> str:
    """An argument as manuals write it: `key`, `[EX seconds]`, `<NX | XX>`."""
    facts = {text(field): value for field, value in _pairs(argument)}
    kind, token = text(facts.get("type")), text(facts.get("token"))
    within = [_usage(each) for each in _list(facts.get("arguments"))]
    match kind:
        case "oneof":
            inner = f"<{' | '.join(within)}>"
        case "block":
            inner = " ".join(within)
        case "pure-token":
            inner = ""
        case _:
            inner = text(facts.get("display_text")) or text(facts.get("name"))
    flags = {flag.decode() for flag in pieces(facts.get("flags")) if flag}
    whole = " ".join(filter(None, (token, f"{inner} ..." if "multiple" in flags else inner)))
    return f"[{whole}]" if "optional" in flags else whole


def _list(reply: Reply) -> list[Reply]:
    return reply if isinstance(reply, list) else []


def _pairs(reply: Reply) -> list[tuple[Reply, Reply]]:
    flat = _list(reply)
    return list(zip(flat[::2], flat[1::2], strict=False))


def slow(visit: Visit, place: Place) -> Sequence[SlowCommand]:
    """Commands that took long, the newest first; Refusal."""
    told = visit.ask(place, "SLOWLOG", "GET", SLOW)
    if isinstance(told, Failure):
        raise Refusal(told.text)
    return [_slow(*row) for row in _list(told) if isinstance(row, list)]


def _slow(_identifier: Reply, moment: Reply, took: Reply, words: Reply, client: Reply = b"", *_: Reply) -> SlowCommand:
    assert isinstance(moment, int)
    assert isinstance(took, int)
    shown = [word.decode(errors="backslashreplace")[:_SHORT] for word in pieces(words)]
    return SlowCommand(moment, took, shown, text(client))
