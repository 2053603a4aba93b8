"""The command line of Memcached: whatever is one line and has an end."""

from collections.abc import Mapping, Sequence

from cachewright.agents.browsing.memcached.items import Items
from cachewright.agents.browsing.places import Place
from cachewright.controlplane.model.browsing import CommandDoc, Refusal

LINES = 2000  # of an answer

_ALONE = "it has no end here: use `cachewright connect`"
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("watch", "quit", "shutdown", "debugtime"), _ALONE),
    **dict.fromkeys(("set", "add", "replace", "append", "prepend", "cas", "ms"), "type its value on the same line"),
}
_DUMPS = "search for keys: that ends when there are enough"
_DUMPING = (["metadump"], ["mgdump"])
_ITEMS = frozenset({"get", "gets", "gat", "gats"})
_STORED = frozenset({"set", "add", "replace", "append", "prepend"})

# Memcached does not tell what it understands. Source: protocol.txt of 1.6.
KNOWN: Mapping[str, tuple[str, str]] = {
    "get": ("key ...", "Items by their keys"),
    "gets": ("key ...", "Items by their keys, each with its number for cas"),
    "gat": ("seconds key ...", "Items by their keys, which get another time to live"),
    "mg": ("key [flags ...]", "An item, or what is known about it: v value, t time to live, s size, c number for cas"),
    "md": ("key [flags ...]", "Delete an item"),
    "ma": ("key [flags ...]", "Count"),
    "mn": ("", "Nothing at all"),
    "set": ("key flags seconds bytes value", "Store an item"),
    "add": ("key flags seconds bytes value", "Store an item, if there is none"),
    "replace": ("key flags seconds bytes value", "Store an item, if there is one"),
    "append": ("key flags seconds bytes value", "Put something behind what there is"),
    "prepend": ("key flags seconds bytes value", "Put something before what there is"),
    "delete": ("key", "Delete an item"),
    "incr": ("key number", "Count up"),
    "decr": ("key number", "Count down"),
    "touch": ("key seconds", "Another time to live"),
    "stats": ("[settings | items | slabs | conns]", "What the node counts"),
    "lru_crawler": ("enable | disable", "Whether items are looked through in the background, and can be listed"),
    "flush_all": ("[seconds]", "Let go of everything"),
    "version": ("", "The build"),
}


def run(items: Items, place: Place, line: str) -> Sequence[str]:
    """What the node answers; Refusal where it is not asked."""
    with items.entered(place) as session:
        said: list[str] = []
        for answer in session.lines(sent(line)):
            said.append(answer.decode(errors="backslashreplace"))
            if len(said) >= LINES or is_last(line, said):
                break
        return said


def sent(line: str) -> bytes:
    """A line as it is sent: a value that stands behind the length goes on a line of its own. Refusal."""
    name, *rest = line.split(None, 5)
    if "\r" in line or "\n" in line:
        raise Refusal("a command is one line")
    if name in _STORED and len(rest) == 5:
        key, flags, seconds, length, value = rest
        if length != str(len(value.encode())):
            raise Refusal(f"the value has {len(value.encode())} bytes, and not {length}")
        return f"{name} {key} {flags} {seconds} {length}\r\n{value}".encode()
    if reason := _DUMPS if name == "lru_crawler" and rest[:1] in _DUMPING else REFUSED.get(name):
        raise Refusal(f"{name} is not run here: {reason}")
    return line.strip().encode()


def is_last(line: str, said: Sequence[str]) -> bool:
    """Whether no other line comes: but for items and statistics, each answer is one."""
    name, newest = line.split(None, 1)[0], said[-1]
    if name == "mg":
        return len(said) > 1 or not newest.startswith("VA ")
    return name not in _ITEMS and not newest.startswith("STAT ")


def docs() -> Sequence[CommandDoc]:
    """What can be typed."""
    return [CommandDoc(name, summary, usage) for name, (usage, summary) in KNOWN.items()]
