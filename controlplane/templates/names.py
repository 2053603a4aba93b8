"""The names that AWS gives to what a template does not name: stack, logical id, and twelve characters that here follow
from both.
"""

import re
from hashlib import sha256

_ENDINGS = (".template.json", ".template.yaml", ".template.yml", ".template", ".json", ".yaml", ".yml")
_SUFFIX = 12
_LONGEST_STACK = 128


def stack_name(name: str) -> str:
    """The stack that a file is, by the name of that: letters, digits and hyphens, a letter first."""
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return (words if words[:1].isalpha() else f"stack-{words}".rstrip("-"))[:_LONGEST_STACK]


def physical_name(stack: str, logical: str, life: int, longest: int) -> str:
    """The name of a resource: the same each time for the same `life`, which counts how often it was replaced. At most
    `longest` characters.
    """
    suffix = sha256(f"{stack}/{logical}/{life}".encode()).hexdigest()[:_SUFFIX]
    room = longest - _SUFFIX - 2
    first = _words(stack)[: max(room // 2, room - len(logical))].strip("-")
    second = _words(logical)[: room - len(first)].strip("-")
    return f"{first}-{second}-{suffix}".lower()


def _words(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
