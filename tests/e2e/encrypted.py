"""Clients of groups with encryption in transit: they know the authority and the token, and need no tricks."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.plane import Plane

TOKEN = "correct-horse-battery-staple"
NEXT_TOKEN = "wrong-donkey-engine-nail"
GUARDED: dict[str, Any] = {"TransitEncryptionEnabled": True, "AuthToken": TOKEN}

Options = Mapping[str, Any]
PLAIN: Options = {}


def verifying(plane: Plane, token: str | None = None) -> dict[str, Any]:
    """How redis-py connects to an encrypted node."""
    return {"ssl": True, "ssl_ca_certs": str(plane.data_dir / "ca.pem"), "password": token}
