"""Secrets that are files: `secrets/REGION/NAME` in the data directory."""

from dataclasses import dataclass
from pathlib import Path

from cachewright.agents.planning.verdicts import Never
from cachewright.agents.source_logins.logins import SourceLogin, login_in
from cachewright.controlplane.model.secret_arns import SecretArn

FOLDER = "secrets"
LARGEST = 65536  # bytes, as at AWS


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """Implements `SourceLogins`. The random end of an ARN may be left out of the file's name."""

    directory: Path

    def login(self, secret: SecretArn) -> SourceLogin:
        """See `SourceLogins`."""
        path = next((path for path in self._paths(secret) if path.is_file()), None)
        if path is None:
            expected = self.directory / secret.region / secret.plain_name
            raise Never(
                f"cannot read the secret {secret}: there is no file {expected}, and no Secrets Manager is set up"
            )
        try:
            with path.open("rb") as file:
                text = file.read(LARGEST).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise Never(f"cannot read the secret {secret}: {path} cannot be read") from error
        return login_in(secret, text)

    def _paths(self, secret: SecretArn) -> tuple[Path, ...]:
        folder = self.directory / secret.region
        return (folder / secret.name, folder / secret.plain_name)
