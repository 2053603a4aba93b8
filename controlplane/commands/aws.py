"""Speaks to a control plane as an AWS SDK does."""

from typing import Any

from botocore.config import Config
from botocore.session import Session

REGION = "us-east-1"
_NOBODY = (None, None, None, None)  # a session variable that no file and no environment sets


def elasticache(url: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """botocore's ElastiCache client for the control plane at `url`, whatever AWS configuration this machine has."""
    session = Session(session_vars={"profile": _NOBODY, "config_file": _NOBODY, "credentials_file": _NOBODY})
    session.set_credentials("cachewright", "any")  # what changes anything has to be signed, by whomever
    config = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=15, proxies={})
    return session.create_client("elasticache", region_name=REGION, endpoint_url=url, config=config)
