"""What `cachewright doctor` leaves on the container engine when it is killed: a container and a network."""

from contextlib import suppress
from datetime import UTC, datetime

from cachewright.agents.backends import BACKENDS
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.settings import Settings


def cleared(settings: Settings) -> tuple[str, ...]:
    """Remove it; what was removed. Left to the next time when the engine refuses or does not answer."""
    secrets = DirectorySecrets(settings.data_dir, lambda: datetime.now(UTC))
    backend = BACKENDS[settings.runtime](data_directory.probing(settings.data_dir), secrets)
    with suppress(Later, Never):
        return backend.runtime.raze().removed
    return ()
