"""JSON in, JSON out: what the routes outside the AWS API have in common."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse

from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable, tell

Body = TypeVar("Body", bound=BaseModel)
_JSON = "application/json"
_STATUS: Mapping[type[Exception], int] = {NoSuchTarget: 404, Unfit: 409, Unreadable: 500, Unusable: 503}
TROUBLES = tuple(_STATUS)
"""Why there may be no answer."""


class Named(BaseModel):
    """The body of a request about one cache."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str = Field(min_length=1, max_length=200)
    account: str = ""


class Misread(Exception):  # noqa: N818
    """What is wrong with a request, in words for the user."""


async def body_of(request: Request, model: type[Body]) -> Body:
    """The body of a request; Misread when it is none. No page of another site can send what is declared to be JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise Misread(f"the body has to be {_JSON}")
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise Misread(_wrong(error)) from error


def query_of(request: Request, model: type[Body]) -> Body:
    """What the URL of a request asks for; Misread when it makes no sense."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise Misread(_wrong(error)) from error


def answered(status: int, answer: Callable[[], object]) -> JSONResponse:
    """An answer, or why there is none."""
    try:
        return JSONResponse(answer(), status)
    except TROUBLES as reason:
        return unanswered(reason)


def unanswered(reason: Exception) -> JSONResponse:
    """Why there is no answer: one of TROUBLES."""
    if isinstance(reason, Unusable):
        tell(reason)
    return refused(next(status for kind, status in _STATUS.items() if isinstance(reason, kind)), str(reason))


def refused(status: int, reason: str) -> JSONResponse:
    """No answer, and why."""
    return JSONResponse({"error": reason}, status)


def _wrong(error: ValidationError) -> str:
    """Every mistake in one line."""
    rows = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, row['loc'])) or 'body'}: {row['msg']}" for row in rows)
