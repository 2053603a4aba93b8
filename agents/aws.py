"""Clients of AWS's services at endpoints of the user's, with the credentials that the user's AWS environment has."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from botocore.parsers import ResponseParserError
from botocore.session import Session

_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError)


class Unusable(Exception):  # noqa: N818 - what became of a request is no error of this program's
    """A request was not done; `str` says why, in words for a person."""


class Unanswered(Unusable):
    """The endpoint says nothing, too late, or nothing that its service says: another time it may."""


class Unsigned(Unusable):
    """The user's AWS environment has no credentials."""


@dataclass(slots=True)
class Denied(Unusable):
    """The service answers with an error."""

    code: str  # AWS's, such as NotFoundException; empty when there is none
    status: int  # of HTTP
    words: str

    def __str__(self) -> str:
        return self.words

    @property
    def passes(self) -> bool:
        """Whether the service says it about itself, so that another time it may be done."""
        return self.status >= 500


@dataclass(slots=True, eq=False)
class Service:
    """A service at an endpoint; a client of it for each region, made as it is needed first: that takes a quarter of a
    second.
    """

    name: str  # botocore's, such as `sns`
    endpoint: str  # a URL
    config: Config
    _lock: Lock = field(default_factory=Lock)
    _clients: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def answers(self, region: str) -> Iterator[Any]:
        """The client of a region; Unusable for what comes of its requests but an answer."""
        try:
            yield self._client(region)
        except ClientError as error:
            raise self._denied(error) from error
        except _NO_CREDENTIALS as error:
            raise Unsigned(str(error)) from error
        except (BotoCoreError, ResponseParserError, ValueError) as error:  # ValueError: of a URL that is none
            raise Unanswered(str(error)) from error

    def _denied(self, error: ClientError) -> Unusable:
        said = error.response.get("Error", {})
        code, status = str(said.get("Code", "")), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        words = str(said.get("Message") or f"{self.endpoint} answers {status} {code}".rstrip())
        return Denied(code, status, words)

    def _client(self, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
        with self._lock:
            if region not in self._clients:
                config = self.config.merge(Config(proxies={})) if _is_here(self.endpoint) else self.config
                self._clients[region] = Session().create_client(
                    self.name, region_name=region, endpoint_url=self.endpoint, config=config
                )
            return self._clients[region]


def own_region(default: str) -> str:
    """The region that the user's AWS environment names, else the default."""
    named: str | None = Session().get_config_variable("region")
    return named or default


def _is_here(endpoint: str) -> bool:
    """Whether an endpoint is this machine's, which no proxy reaches."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
