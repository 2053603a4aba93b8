"""What `cachewright doctor` leaves on the container engine when it is killed: a container and a network."""

from contextlib import suppress
from datetime import UTC, datetime

from cachewright.agents.backends import BACKENDS
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.locks import Held, locked


def cleared(settings: Settings) -> tuple[str, ...]:
    """Remove it, unless a doctor is at work; what was removed. Left to the next time when the engine refuses or does
    not answer, and when it cannot be told whether a doctor is at work.
    """
    secrets = DirectorySecrets(settings.data_dir, lambda: datetime.now(UTC))
    backend = BACKENDS[settings.runtime](data_directory.probing(settings.data_dir), secrets)
    with suppress(Held, OSError, Later, Never), locked(data_directory.probing_lock(settings.data_dir)):
        return backend.runtime.raze().removed
    return ()
