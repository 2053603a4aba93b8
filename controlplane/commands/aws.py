"""Speaks to a control plane as an AWS SDK does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.session import Session

from cachewright.controlplane.commands.plane import REGION, Absent, ControlPlane, NoAnswer, nobody
from cachewright.controlplane.commands.refusals import hint, is_absence
from cachewright.controlplane.model.access_keys import AccessKey

_NOBODY = (None, None, None, None)  # a session variable that no file and no environment sets


_ANY = AccessKey("cachewright", "any")  # what changes anything has to be signed, by whomever


def elasticache(plane: ControlPlane, region: str = REGION) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """botocore's ElastiCache client for a control plane, whatever AWS configuration this machine has."""
    session = Session(session_vars={"profile": _NOBODY, "config_file": _NOBODY, "credentials_file": _NOBODY})
    key = plane.key or _ANY
    session.set_credentials(key.id, key.secret, key.session_token or None)
    config = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=15, proxies={})
    return session.create_client("elasticache", region_name=region, endpoint_url=plane.url, config=config)


def as_account(plane: ControlPlane, account: str) -> ControlPlane:
    """The same control plane, asked by an account; where keys are wanted, the key tells the account."""
    return plane if plane.key or not account else replace(plane, key=AccessKey(account, "any"))


@contextmanager
def asking(plane: ControlPlane, deed: str) -> Iterator[None]:
    """What is said against a deed ("create shop") becomes one sentence: NoAnswer, Absent or Nobody."""
    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"]["Message"]
        kind = Absent if is_absence(code) else NoAnswer
        raise kind("; ".join(filter(None, (f"cannot {deed}: {said.rstrip('.')}", hint(code))))) from error
    except ParamValidationError as error:
        raise NoAnswer(f"cannot {deed}: {' '.join(str(error).split())}") from error
    except BotoCoreError as error:
        raise nobody(plane.url, error) from error
    except ValueError as error:  # of a URL that is none
        raise NoAnswer(f"cannot {deed}: {error}") from error
