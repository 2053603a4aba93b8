"""What a node is made from, in short: two nodes of the same make are alike."""

from dataclasses import dataclass
from hashlib import sha256

from controlplane.model.cache import Spec, Transit


@dataclass(frozen=True, slots=True)
class Make:
    """How the next life of a node is to be."""

    recipe: str  # everything that only a rebuilt node can change
    transit: Transit
    access: str  # everything about logins, which a running node can change


def make_of(spec: Spec) -> Make:
    """The make of every node of a cache as it is wished now."""
    recipe = _digest(spec.engine, spec.version, spec.node_type, spec.parameter_group, spec.transit, *(("clustered",) if spec.clustered else ()))
    return Make(recipe, spec.transit, _digest(*spec.auth.tokens, str(spec.auth.required)))


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:12]
