"""A KMS of the user's, with the credentials that the user's AWS environment has.

Source: the API reference of AWS KMS, GenerateDataKey and Decrypt.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from cachewright.agents.aws import Denied, Service, Unanswered, Unsigned
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.sealing.keys import Seal
from cachewright.agents.sealing.sealing import KeyNote

AGAIN = 5.0  # seconds until a KMS is asked again that does not answer
_PASSING = frozenset({"KeyUnavailableException", "DependencyTimeoutException", "ThrottlingException"})
CONFIG = Config(connect_timeout=1.0, read_timeout=3.0, retries={"total_max_attempts": 1})  # whoever asks the API waits


@dataclass(slots=True, eq=False)
class RemoteKms:
    """Implements `Kms`."""

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("kms", self.endpoint, CONFIG)

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
            with self._service.answers(region) as client:
                yield client
        except Denied as error:
            raise _verdict(deed, error) from error
        except Unsigned as error:
            raise Never(f"{deed}: {error}") from error
        except Unanswered as error:
            raise Later(f"{deed}: the KMS at {self.endpoint} does not answer", AGAIN) from error


def _verdict(deed: str, error: Denied) -> Later | Never:
    words = f"{deed}: {str(error).rstrip('.')}"
    return Later(words, AGAIN) if error.passes or error.code in _PASSING else Never(words)
