"""What somebody types: words as redis-cli reads them, and which of them would hold a node up. Pure."""

from collections.abc import Mapping, Sequence

from cachewright.controlplane.model.browsing import Refusal

WINDOW = 1000  # elements that a command may ask for
PIECE = 1 << 18  # bytes of a string that it may ask for
FURTHEST = 1 << 23  # place in a string that it may write to

_ALONE = "each command has a connection of its own here"
_LISTEN = f"{_ALONE}, on which nothing is waited for: subscribe with `cachewright connect`"
_WAITS = "it waits, and the answer here may take three seconds: use"
_SCRIPT = "a script holds the node for as long as it runs: run it with `cachewright connect`"
_COPY = "it makes this connection a replica's"

REFUSED: Mapping[str, str] = {
    "KEYS": "it holds the node until it has looked at every key: search above, or use SCAN with MATCH and COUNT",
    "MONITOR": "it slows the node down and has no end: look at the slow log, or use `cachewright connect`",
    **dict.fromkeys(("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"), _LISTEN),
    **dict.fromkeys(("MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "RESET", "QUIT", "HELLO", "READONLY"), _ALONE),
    "READWRITE": _ALONE,
    "ASKING": _ALONE,
    "SELECT": f"{_ALONE}: choose the database above",
    "AUTH": f"{_ALONE}: choose who you are above",
    "BLPOP": f"{_WAITS} LPOP",
    "BRPOP": f"{_WAITS} RPOP",
    "BRPOPLPUSH": f"{_WAITS} RPOPLPUSH",
    "BLMOVE": f"{_WAITS} LMOVE",
    "BLMPOP": f"{_WAITS} LMPOP",
    "BZPOPMIN": f"{_WAITS} ZPOPMIN",
    "BZPOPMAX": f"{_WAITS} ZPOPMAX",
    "BZMPOP": f"{_WAITS} ZMPOP",
    **dict.fromkeys(("WAIT", "WAITAOF"), f"{_WAITS} INFO replication"),
    **dict.fromkeys(("EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO", "SCRIPT", "FUNCTION"), _SCRIPT),
    "LCS": "it takes as long as one length times the other: use `cachewright connect`",
    "MIGRATE": "it holds the node until the other one has everything: use `cachewright connect`",
    "SAVE": "it holds the node until everything is written: use BGSAVE, or take a snapshot under Actions",
    **dict.fromkeys(("DEBUG", "PFDEBUG", "PFSELFTEST"), "it may hold the node for long: use `cachewright connect`"),
    **dict.fromkeys(("SYNC", "PSYNC", "REPLCONF"), _COPY),
}

_GROWING = frozenset({"SETRANGE", "SETBIT", "BITFIELD"})
_MOST: Mapping[str, int] = {  # the largest number behind a key
    **dict.fromkeys(("SPOP", "LPOP", "RPOP", "ZPOPMIN", "ZPOPMAX"), WINDOW),
    **dict.fromkeys(_GROWING, FURTHEST),
}
_TOO_FAR = "the node would fill everything before that place, and serve nobody meanwhile"
_WINDOWS = frozenset({"LRANGE", "ZRANGE", "ZREVRANGE"})
_PIECES = frozenset({"GETRANGE", "SUBSTR"})
_SCANS: Mapping[str, int] = {"SCAN": 2, "HSCAN": 3, "SSCAN": 3, "ZSCAN": 3}  # and where options begin
_COUNTED: Mapping[str, int] = {"XRANGE": 4, "XREVRANGE": 4}
_BY_VALUE = frozenset({"BYSCORE", "BYLEX"})
LARGE_ANSWERS = frozenset({"GET", "GETEX", "GETDEL", "GETSET", "MGET"})  # of commands that are fast


def words_of(line: str) -> list[bytes]:
    """The words of a line: between quotation marks blanks belong to a word, and in double ones \\n, \\xff and the like
    are what they are for redis-cli. Refusal where a quotation mark has no other.
    """
    words: list[bytes] = []
    rest = line.strip()
    while rest:
        word, rest = _word(rest)
        words.append(word)
        rest = rest.lstrip()
    return words


def refusal(words: Sequence[bytes]) -> str:
    """Why a command is not run here, and what to do instead; empty when nothing speaks against it yet."""
    upper = [word.decode(errors="replace").upper() for word in words]
    name = upper[0]
    if reason := REFUSED.get(name):
        return reason
    if name in ("FLUSHALL", "FLUSHDB") and "ASYNC" not in upper[1:]:
        return f"it holds the node until everything is gone: use {name} ASYNC"
    if name in ("XREAD", "XREADGROUP") and "BLOCK" in upper[1:]:
        return "it waits, and the answer here may take three seconds: leave BLOCK out"
    if upper[:2] in (["CLIENT", "PAUSE"], ["CLIENT", "REPLY"], ["CLIENT", "TRACKING"]):
        return _ALONE if upper[1] != "PAUSE" else "it holds up every client of the node: use `cachewright connect`"
    if _largest(upper[2:]) > _MOST.get(name, float("inf")):
        return _TOO_FAR if name in _GROWING else f"it holds the node meanwhile: ask for {WINDOW} at a time"
    if upper[:2] == ["CLUSTER", "GETKEYSINSLOT"] and _largest(upper[3:]) > WINDOW:
        return f"it holds the node meanwhile: ask for {WINDOW} at a time"
    if name in _SCANS and (count := _option(upper, "COUNT", _SCANS[name])) is not None and count > WINDOW:
        return f"it holds the node meanwhile: ask for a COUNT of {WINDOW} at most"
    return ""


def is_window(words: Sequence[bytes]) -> bool:
    """Whether a command says itself that it asks for a small part of something, however large that is."""
    upper = [word.decode(errors="replace").upper() for word in words]
    name = upper[0]
    if name in _SCANS or name == "OBJECT" or (name == "MEMORY" and "SAMPLES" not in upper):
        return True
    if name in _COUNTED:
        return (_option(upper, "COUNT", _COUNTED[name]) or WINDOW + 1) <= WINDOW
    if name in _WINDOWS and not _BY_VALUE & set(upper):
        return _span(upper) <= WINDOW
    return name in _PIECES and _span(upper) <= PIECE


def _span(upper: Sequence[str]) -> float:
    """How much there is between the third and the fourth word; endless where they count from different ends."""
    try:
        first, last = int(upper[2]), int(upper[3])
    except (IndexError, ValueError):
        return float("inf")
    return last - first + 1 if (first < 0) == (last < 0) else float("inf")


def _largest(words: Sequence[str]) -> int:
    """The largest number among words; 0 without one."""
    numbers = (word.lstrip("#") for word in words)
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _option(upper: Sequence[str], name: str, begin: int) -> int | None:
    """The number behind an option; None without one."""
    for option, value in zip(upper[begin:], upper[begin + 1 :], strict=False):
        if option == name and value.isdecimal():
            return int(value)
    return None


_ESCAPES: Mapping[str, bytes] = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a"}
_HEX = 4  # characters of \xff


def _word(text: str) -> tuple[bytes, str]:
    """The first word, and the rest of the line."""
    found, at, quote = bytearray(), 0, ""
    while at < len(text):
        sign = text[at]
        if not quote and sign.isspace():
            break
        if sign == "\\" and quote and at + 1 < len(text):
            piece, taken = _escaped(text[at:], quote)
            found += piece
            at += taken
            continue
        if sign == quote or (not quote and sign in "\"'"):
            quote = "" if quote else sign
        else:
            found += sign.encode()
        at += 1
    if quote:
        raise Refusal(f"a quotation mark {quote} has no other")
    return bytes(found), text[at:]


def _escaped(text: str, quote: str) -> tuple[bytes, int]:
    """What a backslash stands for with what follows it, and how many characters that are."""
    if quote == "'":
        return (b"'", 2) if text[1] == "'" else (b"\\", 1)
    digits = text[2:_HEX]
    if text[1] == "x" and len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return bytes.fromhex(digits), _HEX
    return _ESCAPES.get(text[1], text[1].encode()), 2
