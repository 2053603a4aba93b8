"""The key with which the commands of a data directory ask its control plane, where that wants one."""

from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from cachewright.controlplane import credentials
from cachewright.controlplane.model.access_keys import AccessKey
from cachewright.controlplane.settings import Settings

FILE, TOKEN = "access-key", "metrics-token"


def made(directory: Path) -> AccessKey:
    """The directory's own key, which is made on first use. OSError when it cannot be written."""
    if found := _kept(directory):
        return found
    key = AccessKey(f"CACHEWRIGHT{token_hex(8).upper()}", token_hex(20))
    path = directory / FILE
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(credentials.written(key))
    return key


def keep_token(directory: Path, key: AccessKey) -> None:
    """Write down what a scraper shows to read metrics, as it reads it: the file has nothing else. OSError when it
    cannot be written.
    """
    path = directory / TOKEN
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(key.metrics_token)


def signing(settings: Settings) -> AccessKey | None:
    """The key with which a control plane is asked: one of the settings, which may change something if there is such a
    one, else the data directory's own. None where there is neither.
    """
    every = sorted(settings.credentials.values(), key=lambda key: key.is_reader)
    return every[0] if every else _kept(settings.data_dir)


def _kept(directory: Path) -> AccessKey | None:
    """None as well for what another user has, or somebody has damaged."""
    with suppress(OSError, ValueError):
        return next(iter(credentials.of_file(directory / FILE).values()))
    return None
