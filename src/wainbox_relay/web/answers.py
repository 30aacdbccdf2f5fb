"""Every answer that is not what was asked for has one shape, `Problem`, and a status that follows
from its code."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from wainbox_relay.contract.problems import HTTP_STATUS, Code, Problem, Refusal
from wainbox_relay.ports import StoreFull
from wainbox_relay.web.description import allow

Documented = dict[int | str, dict[str, Any]]
"""Answers of a route by status, for OpenAPI."""

RETRY_AFTER = 5
_OF_STATUS = {
    401: Code.UNAUTHENTICATED,
    403: Code.NOT_ALLOWED,
    404: Code.NOT_FOUND,
    413: Code.TOO_LARGE,
    429: Code.RATE,
    503: Code.BUSY,
}
_SENTENCES = {
    400: "The request's body could not be read: send valid JSON as UTF-8.",
    404: "There is nothing at this address. The API's addresses are in /api/v1/openapi.json.",
    405: "This address takes another method; Allow names which.",
    413: "The request is larger than this address takes.",
}
_KINDS = {
    "missing": "it is needed",
    "extra_forbidden": "there is no such field",
    "json_invalid": "valid JSON is expected",
    "model_attributes_type": "a JSON object is expected; is Content-Type application/json?",
    "union_tag_not_found": "it must name its kind",
}


def problems(*statuses: int) -> Documented:
    """The refusals of a route, for OpenAPI. 401 and 429 may come from every one."""
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase}
        for status in sorted({401, 403, 422, 429, 503, *statuses})
    }


def body(model: BaseModel) -> Response:
    """One of our own models as JSON; it is not checked a second time."""
    return Response(model.model_dump_json(), media_type="application/json")


def bodies(models: Sequence[BaseModel]) -> Response:
    content = ",".join(model.model_dump_json() for model in models)
    return Response(f"[{content}]", media_type="application/json")


def raw(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def refusal(problem: Problem, status: int, headers: Mapping[str, str] | None = None) -> Response:
    more = dict(headers or {})
    if status == 401:
        more["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        more["Retry-After"] = str(problem.details.get("retry_after", RETRY_AFTER))
    content = problem.model_dump_json()
    return Response(content, status, headers=more, media_type="application/json")


def install(app: FastAPI) -> None:
    """Gives the app its one way of saying no."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(StoreFull, _full)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


async def _refused(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refusal)  # noqa: S101 - as registered
    return refusal(refused.problem, HTTP_STATUS[refused.problem.code])


async def _full(_: Request, __: Exception) -> Response:
    sentence = "The relay's disk is full or failing, so nothing can be changed. Tell your admin."
    return refusal(Problem(code=Code.BUSY, message=sentence), 503)


async def _invalid(_: Request, invalid: Exception) -> Response:
    assert isinstance(invalid, RequestValidationError)  # noqa: S101 - as registered
    error = invalid.errors()[0]
    field = "" if error["type"] == "json_invalid" else ".".join(map(str, error["loc"][1:]))
    message = f"{field or 'The body'}: {_expected(error)}."
    return refusal(Problem(code=Code.INVALID, message=message, field=field), 422)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as registered
    status = 422 if error.status_code == 400 else error.status_code
    code = _OF_STATUS.get(status, Code.INVALID)
    sentence = _SENTENCES.get(error.status_code, f"{HTTPStatus(error.status_code).phrase}.")
    headers = allow(request.app, request.url.path) if status == 405 else error.headers
    return refusal(Problem(code=code, message=sentence), status, headers or error.headers)


async def _broken(_: Request, __: Exception) -> Response:
    sentence = "The relay made a mistake; nothing was changed. Its log says more."
    return refusal(Problem(code=Code.BROKEN, message=sentence), 500)


def _expected(error: Mapping[str, Any]) -> str:
    """What was expected, without what was sent."""
    kind = str(error["type"])
    if kind in _KINDS:
        return _KINDS[kind]
    if kind == "union_tag_invalid":
        return f"one of {error['ctx']['expected_tags']} is expected"
    return str(error["msg"]).removeprefix("Value error, ").strip(".")
