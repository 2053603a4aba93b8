"""Clients of AWS's services at endpoints of the user's, with the credentials that the user's AWS environment has."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import NoCredentialsError, PartialCredentialsError
from botocore.session import Session

NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError)


def client(service: str, endpoint: str, config: Config, session: Session, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """A client of a service, at a URL. It takes a quarter of a second."""
    direct = config.merge(Config(proxies={})) if _is_here(endpoint) else config
    return session.create_client(service, region_name=region, endpoint_url=endpoint, config=direct)


def _is_here(endpoint: str) -> bool:
    """Whether an endpoint is this machine's, which no proxy reaches."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
