"""A Secrets Manager of the user's, with the credentials that the user's AWS environment has.

Source: the API reference of AWS Secrets Manager, GetSecretValue.
"""

from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from cachewright.agents.aws import Denied, Service, Unanswered, Unsigned
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.source_logins.logins import SourceLogin, login_in
from cachewright.controlplane.model.secret_arns import SecretArn

AGAIN = 5.0  # seconds until one is asked again that does not answer
CONFIG = Config(connect_timeout=1.0, read_timeout=2.0, retries={"total_max_attempts": 1})  # whoever asks the API waits


@dataclass(slots=True, eq=False)
class RemoteSecrets:
    """Implements `SourceLogins`."""

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("secretsmanager", self.endpoint, CONFIG)

    def login(self, secret: SecretArn) -> SourceLogin:
        """See `SourceLogins`."""
        deed = f"cannot read the secret {secret}"
        try:
            with self._service.answers(secret.region) as client:
                found: dict[str, Any] = client.get_secret_value(SecretId=str(secret))
        except Denied as error:
            words = f"{deed}: {str(error).rstrip('.')}"
            raise (Later(words, AGAIN) if error.passes else Never(words)) from error
        except Unsigned as error:
            raise Never(f"{deed}: {error}") from error
        except Unanswered as error:
            raise Later(f"{deed}: the Secrets Manager at {self.endpoint} does not answer", AGAIN) from error
        return login_in(secret, found.get("SecretString", ""))
