"""How clients enter: those of groups with encryption in transit know the authority and the token, without tricks."""

from collections.abc import Mapping
from typing import Any

from cachewright.agents.engines.redis.acl_rules import AGENT
from tests.e2e.plane import Plane

TOKEN = "correct-horse-battery-staple"
NEXT_TOKEN = "wrong-donkey-engine-nail"
GUARDED: dict[str, Any] = {"TransitEncryptionEnabled": True, "AuthToken": TOKEN}

Options = Mapping[str, Any]
PLAIN: Options = {}


def verifying(plane: Plane, token: str | None = None) -> dict[str, Any]:
    """How redis-py connects to an encrypted node."""
    return {"ssl": True, "ssl_ca_certs": str(plane.data_dir / "ca.pem"), "password": token}


def insider(plane: Plane) -> dict[str, Any]:
    """The control plane's own login, which may ask for what clients may not."""
    return {"username": AGENT, "password": (plane.data_dir / "agent.secret").read_text()}
