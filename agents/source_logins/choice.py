"""Which secrets there are."""

from cachewright.agents.source_logins.files import FOLDER, SecretFiles
from cachewright.agents.source_logins.logins import SourceLogins
from cachewright.controlplane.settings import Settings


def logins_of(settings: Settings) -> SourceLogins:
    """The secrets of an installation: those of the Secrets Manager that the settings name, else files."""
    if not settings.secrets_manager_endpoint:
        return SecretFiles(settings.files / FOLDER)
    from cachewright.agents.source_logins.secrets_manager import (  # noqa: PLC0415 - botocore's clients take 0.1 s to import
        RemoteSecrets,
    )

    return RemoteSecrets(settings.secrets_manager_endpoint)
