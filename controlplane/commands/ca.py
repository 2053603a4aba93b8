"""`cachewright ca`: where the certificate lies that clients check nodes against."""

from pathlib import Path

from cachewright.agents.engines.tls import AUTHORITY
from cachewright.controlplane.settings import Settings


def certificate(settings: Settings) -> Path:
    """The file of the data directory, made on first use. CannotServe when it cannot be."""
    known = settings.data_dir / AUTHORITY  # written last: where it is, all is
    if known.exists() and not settings.database_url:
        return known
    from cachewright.controlplane.server.composition import authority  # noqa: PLC0415 - slow to import, rarely needed

    return authority(settings)
