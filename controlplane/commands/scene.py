"""What every act of the demo needs: a terminal, an AWS client, and the words for what it waits for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.commands.seen import look
from cachewright.controlplane.commands.stage import Stage, until
from cachewright.controlplane.commands.throwaway import Broken

NODE_TYPE = "cache.t3.micro"
CREATING, MOVING, DELETING = 120.0, 60.0, 60.0  # seconds that each may take
_HOPELESS = frozenset({"create-failed", "incompatible-network", "restore-failed"})


@dataclass(frozen=True, slots=True)
class Scene:
    """One control plane and one terminal."""

    stage: Stage
    aws: Any  # botocore's client
    plane: ControlPlane

    def available(self, name: str, describe: Callable[[], dict[str, Any]], status: str, deadline: float) -> None:
        """Wait until the description says `available` in its field `status`; Broken when it never will."""

        def missing() -> str:
            word = str(describe()[status])
            if word in _HOPELESS:
                raise Broken(f"{name} is {word}: {self._reason(name)}")
            return "" if word == "available" else f"it is {word}. {self._reason(name)}".strip()

        until(f"{name} to be available", missing, deadline)

    def gone(self, name: str, describe: Callable[[], object], code: str) -> None:
        """Wait until describing it fails with the AWS error `code`."""

        def left() -> str:
            try:
                describe()
            except ClientError as error:
                if error.response["Error"]["Code"] == code:
                    return ""
                raise
            return f"it is still there. {self._reason(name)}".strip()

        until(f"{name} to be gone", left, DELETING)

    def _reason(self, name: str) -> str:
        return next((cache.reason for cache in look(self.plane).caches if cache.id == name), "")


def opened(stage: Stage, plane: ControlPlane) -> Scene:
    """The scene at a control plane."""
    return Scene(stage, elasticache(plane), plane)
