"""A KMS of the user's, with the credentials that the user's AWS environment has.

Source: the API reference of AWS KMS, GenerateDataKey and Decrypt.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cachewright.agents.aws import NO_CREDENTIALS, client
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.sealing.keys import Seal
from cachewright.agents.sealing.sealing import KeyNote

AGAIN = 5.0  # seconds until a KMS is asked again that does not answer
_PASSING = frozenset({"KeyUnavailableException", "DependencyTimeoutException", "ThrottlingException"})
CONFIG = Config(connect_timeout=1.0, read_timeout=3.0, retries={"total_max_attempts": 1})  # whoever asks the API waits


@dataclass(slots=True, eq=False)
class RemoteKms:
    """Implements `Kms`. Its clients are made as they are needed first: that takes a quarter of a second."""

    endpoint: str  # a URL
    _lock: Lock = field(default_factory=Lock)
    _clients: dict[str, Any] = field(default_factory=dict)  # by region

    def new_key(self, seal: Seal) -> tuple[KeyNote, bytes]:
        """See `Kms`."""
        with self._answers(seal.kms_key, seal.region) as client:
            made = client.generate_data_key(KeyId=seal.kms_key, KeySpec="AES_256")
        return KeyNote(made["KeyId"], seal.region, made["CiphertextBlob"]), made["Plaintext"]

    def key_of(self, note: KeyNote) -> bytes:
        """See `Kms`."""
        with self._answers(note.kms_key, note.region) as client:
            plain: bytes = client.decrypt(KeyId=note.kms_key, CiphertextBlob=note.wrapped)["Plaintext"]
            return plain

    @contextmanager
    def _answers(self, key: str, region: str) -> Iterator[Any]:
        """The client; Never for what the KMS says against it, Later when it says nothing."""
        deed = f"cannot use the key {key}"
        try:
            yield self._opened(region)
        except ClientError as error:
            raise _verdict(deed, error) from error
        except NO_CREDENTIALS as error:
            raise Never(f"{deed}: {error}") from error
        except (BotoCoreError, ValueError) as error:  # ValueError: what botocore says of a URL that is none
            raise Later(f"{deed}: the KMS at {self.endpoint} does not answer", AGAIN) from error

    def _opened(self, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
        with self._lock:
            if region not in self._clients:
                self._clients[region] = client("kms", self.endpoint, CONFIG, Session(), region)
            return self._clients[region]


def _verdict(deed: str, error: ClientError) -> Later | Never:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = str(error.response.get("Error", {}).get("Message") or code or f"the KMS answers {status}")
    words = f"{deed}: {said.rstrip('.')}"
    return Later(words, AGAIN) if status >= 500 or code in _PASSING else Never(words)
