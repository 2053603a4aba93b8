"""What the forms of the console offer: engines with their versions, node types, regions' zones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from fastapi import APIRouter
from starlette.responses import JSONResponse

from cachewright.controlplane.console.paths import CHOICES
from cachewright.controlplane.model.node_types import NODE_TYPES
from cachewright.controlplane.model.versions import VERSIONS, Engine


@dataclass(frozen=True, slots=True)
class Choices:
    """`versions` by engine, the newest first; `zones` are the letters of the zones of every region."""

    versions: Mapping[str, Sequence[str]]
    node_types: Sequence[str]
    zones: Sequence[str]
    region: str


def choices(zones: Sequence[str], region: str) -> Choices:
    """What there is to choose from where `region` is the usual one."""
    versions = {engine.value: [row.version for row in reversed(VERSIONS) if row.engine is engine] for engine in Engine}
    return Choices(versions, [each.name for each in NODE_TYPES], zones, region)


def choice_routes(offered: Callable[[], Choices]) -> APIRouter:
    """The route of the choices."""
    router = APIRouter()

    @router.get(CHOICES)
    def _choices() -> JSONResponse:
        return JSONResponse(asdict(offered()))

    return router
