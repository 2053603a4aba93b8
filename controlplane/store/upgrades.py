"""How documents of earlier forms become documents of the present one.

A document says by which form it was written: `schema`. One that says nothing is of form 1: the first releases had no
numbers. A step is never changed after it was released.
"""

from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
Upgrade = Callable[[Document], Document]  # from one form to the next; its argument is its own


def renamed(document: Document, **names: str) -> Document:
    """A document in which fields are called otherwise: new names by old ones."""
    return {names.get(name, name): value for name, value in document.items()}


def _named_candidates(spec: Document) -> Document:
    shards = [renamed(shard, heir="candidate") for shard in spec.get("shards", [])]
    return spec | {"shards": shards}


def _named_fingerprints(status: Document) -> Document:
    parts = {"nodes": {"recipe": "fingerprint"}, "shards": {"former": "old_primary"}}
    changed = {
        part: {name: renamed(known, **names) for name, known in status[part].items()}
        for part, names in parts.items()
        if part in status
    }
    return status | changed


def _without_protection(shown: Document) -> Document:
    """Encryption at rest is in the spec: a step of the database has brought it there."""
    return {name: value for name, value in shown.items() if name != "at_rest_encryption"}


def _without_network(shown: Document) -> Document:
    """Network type and discovery are in the spec; until then there was but one of each."""
    return {name: value for name, value in shown.items() if name not in {"network_type", "ip_discovery"}}


# By the number of a form, then by the name of the type: how it becomes the next form. What has no row is the same.
UPGRADES: Mapping[int, Mapping[str, Upgrade]] = {
    1: {"Spec": _named_candidates, "Status": _named_fingerprints},
    2: {"Presentation": _without_protection},
    3: {"Presentation": _without_network},
}
SCHEMA = 1 + len(UPGRADES)  # the form that is written


def upgraded(kind: str, document: Document, form: int) -> Document:
    """A document of that form in the present one; ValueError for a form that is not known."""
    if not 1 <= form <= SCHEMA:
        raise ValueError(f"it is of form {form}, and this version of Cachewright knows those up to {SCHEMA}")
    for number in range(form, SCHEMA):
        if upgrade := UPGRADES[number].get(kind):
            document = upgrade(document)
    return document
