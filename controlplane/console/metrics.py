"""Metrics over HTTP, for Prometheus and whoever reads its format."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from cachewright.controlplane.console.bodies import refused
from cachewright.controlplane.console.paths import METRICS
from cachewright.controlplane.model.metrics.own import Source
from cachewright.controlplane.store.failures import Unusable, tell


def metrics_routes(source: Source) -> APIRouter:
    """The route of metrics, which looks when it is asked."""
    router = APIRouter()

    @router.get(METRICS)
    def _metrics(request: Request) -> Response:
        from cachewright.controlplane.console.prometheus import exposition  # noqa: PLC0415 - whoever asks for none needs none

        try:
            seen = source()
        except Unusable as failure:
            tell(failure)
            return refused(503, str(failure))
        body, content_type = exposition(seen, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    return router
