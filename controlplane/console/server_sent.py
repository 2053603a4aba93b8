"""Server-sent events, as browsers follow them."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """An answer that goes on for as long as there are events; nobody keeps them, and no proxy holds them back."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
