"""The form of a request, decoded strictly: names and values as text."""

import re
from collections import Counter
from urllib.parse import parse_qsl

from cachewright.controlplane.model.faults import Fault

MOST_FIELDS = 10_000  # far above any real request; keeps a hostile one cheap

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def fields(query_string: bytes, content_type: str, body: bytes) -> dict[str, str]:
    """The parameters of a request, those of its query string and those of its body together.

    Raises `MalformedQueryString` when they cannot be decoded or one is given twice, and `UnsupportedMediaType` for
    a body that is no form: AWS has no documented code for that, and this one tells a client of another protocol why.
    """
    if body and content_type.partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise Fault("UnsupportedMediaType", f"The request body must be {_MEDIA_TYPE}, not '{content_type}'.")
    pairs = _pairs(b"&".join(part for part in (query_string, body) if part))
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise malformed(f"the parameter {twice} is given more than once")
    return found


def malformed(cause: str) -> Fault:
    """A query string that no parameters can be read from."""
    return Fault("MalformedQueryString", f"The query string contains a syntax error: {cause}.")


def _pairs(form: bytes) -> list[tuple[str, str]]:
    if _BAD_ESCAPE.search(form):
        raise malformed("a percent sign without two hexadecimal digits")
    if form.count(b"&") >= MOST_FIELDS:
        raise malformed(f"more than {MOST_FIELDS} parameters")
    try:
        pairs = parse_qsl(form.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise malformed("text that is not UTF-8") from None
    for name, _ in pairs:
        if not all(name.split(".")):
            raise malformed(f"the parameter name '{name}' has an empty part")
    return pairs
