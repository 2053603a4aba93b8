"""INFO as figures. Pure."""

from collections.abc import Iterator, Mapping

from cachewright.controlplane.model.metrics.terms import Figures

_WORDS: Mapping[bytes, float] = {b"master": 1.0, b"slave": 0.0, b"up": 1.0, b"down": 0.0}  # of `role`, of a link
_PARTS = (b"cmdstat_", b"db", b"errorstat_")  # of fields that have parts: `calls=1,usec=2`
_NAMES: dict[bytes, str] = {}  # every node has the same
_COMMAND = b"cmdstat_"


def figures(said: bytes) -> Figures:
    """The fields that are numbers, those that say yes or no, and the parts of fields after a dot. What is said of the
    parts of a command (`cmdstat_config|get`) is added up to the command's.
    """
    found: dict[str, float] = {}
    for line in said.split(b"\r\n"):
        field, _, value = line.partition(b":")
        if b"=" not in value:
            _keep(found, field, value)
        elif field.startswith(_PARTS):
            whole = field.partition(b"|")[0] if field.startswith(_COMMAND) else field
            for name, part in _parts(value):
                _keep(found, whole + b"." + name, part)
    return found


def _parts(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    for part in value.split(b","):
        name, _, number = part.partition(b"=")
        yield name, number


def _keep(found: dict[str, float], field: bytes, value: bytes) -> None:
    try:
        number = float(value)
    except ValueError:
        if value not in _WORDS:
            return
        number = _WORDS[value]
    name = _NAMES.get(field) or _NAMES.setdefault(field, field.decode(errors="replace"))
    found[name] = found.get(name, 0.0) + number
