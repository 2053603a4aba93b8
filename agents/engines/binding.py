"""Where engines listen."""

from cachewright.controlplane.model.cache import Spec


def binding(spec: Spec) -> tuple[str, ...]:
    """Where a node listens, inside its container. From the first one earlier versions begin connections as well, so it
    is of the family of the addresses that they know each other by.
    """
    own, other = ("::", "0.0.0.0") if spec.six else ("0.0.0.0", "::")  # noqa: S104
    return (own, other) if spec.dual else (own,)
