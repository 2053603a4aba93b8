"""Speaks to a control plane as an AWS SDK does."""

from typing import Any

from botocore.config import Config
from botocore.session import Session

from cachewright.controlplane.commands.plane import REGION, ControlPlane
from cachewright.controlplane.model.access_keys import AccessKey

_NOBODY = (None, None, None, None)  # a session variable that no file and no environment sets


_ANY = AccessKey("cachewright", "any")  # what changes anything has to be signed, by whomever


def elasticache(plane: ControlPlane) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """botocore's ElastiCache client for a control plane, whatever AWS configuration this machine has."""
    session = Session(session_vars={"profile": _NOBODY, "config_file": _NOBODY, "credentials_file": _NOBODY})
    key = plane.key or _ANY
    session.set_credentials(key.id, key.secret, key.session_token or None)
    config = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=15, proxies={})
    return session.create_client("elasticache", region_name=REGION, endpoint_url=plane.url, config=config)
